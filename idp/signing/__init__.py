"""Our signing keys (a ring that rotates unnoticed) and the tokens signed with them.

Knows no person, client or grant. Private halves lie in the database sealed under ``keys/``.
"""
