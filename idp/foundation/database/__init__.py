"""The database: one engine, transactions as values, statements compiled once.

``transaction()`` is a unit of work that writes; ``reading()`` reads without opening one. Both give
a `Transaction`, which every function that touches the store takes as its first argument. Statements
of the hot ways are `Statement` constants: compiled once per dialect and run on the driver's cursor
(docs/performance.md says what that saves); consoles use the ORM through ``tx.session``.
"""

from idp.foundation.database.engine import engine_options, prepare
from idp.foundation.database.statement import Statement
from idp.foundation.database.store import Conflict, Database
from idp.foundation.database.tables import Instant, Model, db
from idp.foundation.database.transaction import Transaction

__all__ = [
    "Conflict",
    "Database",
    "Instant",
    "Model",
    "Statement",
    "Transaction",
    "db",
    "engine_options",
    "prepare",
]
