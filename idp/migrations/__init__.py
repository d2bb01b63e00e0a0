"""The schema's versions, and how a database is brought to the newest one.

Owns Alembic's environment and ``versions/``. Knows the tables of every part, none of their rules.
``python -m idp.migrations "what the version does"`` writes the next version from the models.
"""
