"""Real servers for the tests: PostgreSQL, Redis, a mail server, Chromium, Node.

Each is a context manager, finds its own port, keeps its data in a folder of its own and
dies with the process that started it. Nothing here knows the product; a conftest loads `plugin`.
"""
