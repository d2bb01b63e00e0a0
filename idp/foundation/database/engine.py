"""How the engine is made: bounded pool, bounded waits, SQLite taught durable manners."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

_HELD, _MOST = 8, 32
"""Connections a process keeps, and has at the most: threads share them, milliseconds at a time."""


def engine_options(url: str) -> dict[str, Any]:
    """What the engine is made with: bounded pool, bounded waits."""
    pool = {"pool_size": _HELD, "max_overflow": _MOST - _HELD, "pool_timeout": 2}
    if url.startswith("sqlite:"):
        return {
            **pool,
            "paramstyle": "named",
            "connect_args": {"isolation_level": None, "check_same_thread": False, "timeout": 10},
        }
    return {
        **pool,
        "connect_args": {
            "connect_timeout": 2,
            "options": "-c statement_timeout=5000 -c lock_timeout=4000 -c timezone=UTC",
            "tcp_user_timeout": 2000,
        },
    }


def prepare(engine: Engine) -> Engine:
    """Teach a SQLite engine durable, concurrent manners (WAL, FULL)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("joined"):
        connection.exec_driver_sql("BEGIN")
