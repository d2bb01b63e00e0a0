"""How the engine is made: bounded pool, bounded waits, SQLite taught durable manners."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from idp.foundation.turns import give_up, take_again

_HELD, _MOST = 8, 32
"""Connections a process keeps, and has at the most: threads share them, milliseconds at a time."""


def engine_options(url: str) -> dict[str, Any]:
    """What the engine is made with: bounded pool, bounded waits."""
    pool = {"pool_size": _HELD, "max_overflow": _MOST - _HELD, "pool_timeout": 2}
    if url.startswith("sqlite:"):
        return {
            **pool,
            "connect_args": {"isolation_level": None, "check_same_thread": False, "timeout": 10},
        }
    return {
        **pool,
        "connect_args": {
            "connect_timeout": 2,
            "options": "-c statement_timeout=5000 -c lock_timeout=4000 -c timezone=UTC",
            "tcp_user_timeout": 2000,
            # psycopg would deallocate at a rollback what `PreparedCursor` has prepared.
            "prepare_threshold": None,
        },
    }


def prepare(engine: Engine) -> Engine:
    """Teach a SQLite engine durable, concurrent manners (WAL, FULL)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        _wait_in_turn(engine)
    return engine


def _wait_in_turn(engine: Engine) -> None:
    """Let others run while the ORM's statements travel."""

    def leave(*of_statement: Any) -> None:
        of_statement[4].gave_up_turn = give_up()

    def come_back(*of_statement: Any) -> None:
        _take_again(of_statement[4])

    event.listen(engine, "before_cursor_execute", leave)
    event.listen(engine, "after_cursor_execute", come_back)
    event.listen(engine, "handle_error", lambda error: _take_again(error.execution_context))


def _take_again(context: Any) -> None:
    if getattr(context, "gave_up_turn", False):
        context.gave_up_turn = False
        take_again()


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
