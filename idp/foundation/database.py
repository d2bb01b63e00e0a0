"""The database: one engine, transactions as values, statements compiled once.

``transaction()`` is a unit of work that writes; ``reading()`` reads without opening one. Both give
a `Transaction`, which every function that touches the store takes as its first argument. Statements
of the hot ways are `Statement` constants: compiled once per dialect and run on the driver's cursor
(docs/performance.md says what that saves); consoles use the ORM through ``tx.session``.
"""

import threading
from collections import namedtuple
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Engine, MetaData, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator

from idp.errors import IdpError, Unavailable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Conflict(IdpError):
    """Somebody else already holds what must be unique."""

    code = "conflict"
    status = 409


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 in UTC: it compares in every store."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Model(DeclarativeBase):
    """Base of every table's class; constraints get the same names in every store."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant}


db = SQLAlchemy(metadata=Model.metadata)
"""Flask's hold on the engine; consoles page through lists with it."""


class Statement:
    """A Core statement compiled once per dialect; its parameters are its ``bindparam`` names."""

    def __init__(self, clause: Executable) -> None:
        self._clause = clause
        self._compiled: dict[str, _Compiled] = {}

    def compiled(self, dialect: Dialect) -> "_Compiled":
        """The text and the converters for this dialect."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _Compiled(self._clause, dialect)
        return self._compiled[dialect.name]


class _Compiled:
    """The driver's text of a statement, and how its values go in and come out."""

    def __init__(self, clause: Any, dialect: Dialect) -> None:
        compiled: SQLCompiler = clause.compile(dialect=dialect)
        self.text = str(compiled)
        self._constants = {
            name: bind.value
            for name, bind in compiled.binds.items()
            if not bind.required and bind.value is not None
        }
        self._into = {
            name: convert
            for name, bind in compiled.binds.items()
            if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }
        columns = list(getattr(clause, "exported_columns", ()))
        keys: Any = [column.key for column in columns]
        row: Any = namedtuple("Row", keys)  # type: ignore[misc]
        self._make = row._make
        self._out = [
            (index, convert)
            for index, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the driver gets: constants of the statement, then the caller's values, converted."""
        parameters = {**self._constants, **values}
        for name, convert in self._into.items():
            parameters[name] = convert(parameters[name])
        return parameters

    def row(self, raw: Any) -> Any:
        """The driver's row as a named tuple with converted values."""
        values = list(raw)
        for index, convert in self._out:
            values[index] = convert(values[index])
        return self._make(values)


class Transaction:
    """One unit of work on one connection; everything in it becomes true together or not at all."""

    def __init__(self, engine: Engine, held: PoolProxiedConnection) -> None:
        self._engine = engine
        self._dialect = engine.dialect
        self._held = held
        self._cursor: Any = None
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The ORM in this same transaction, for the consoles' ways; flushed before the commit."""
        if self._session is None:
            connection = Connection(self._engine, connection=self._held)
            joined = connection.execution_options(joined=True)
            self._session = Session(joined, expire_on_commit=False)
        return self._session

    def run(self, statement: Statement, **values: Any) -> int:
        """Run and return how many rows it touched; Conflict where uniqueness forbids it."""
        count: int = self._execute(statement.compiled(self._dialect), values).rowcount
        return count

    def first(self, statement: Statement, **values: Any) -> Any:
        """The first row as a named tuple, or None."""
        compiled = statement.compiled(self._dialect)
        raw = self._execute(compiled, values).fetchone()
        return None if raw is None else compiled.row(raw)

    def all(self, statement: Statement, **values: Any) -> list[Any]:
        """All rows as named tuples."""
        compiled = statement.compiled(self._dialect)
        return [compiled.row(raw) for raw in self._execute(compiled, values).fetchall()]

    def flush(self) -> None:
        """Write what the ORM still holds, so that statements see it."""
        if self._session is not None:
            self._session.flush()

    def _execute(self, compiled: _Compiled, values: dict[str, Any]) -> Any:
        self.flush()
        if self._cursor is None:
            self._cursor = self._held.cursor()
        self._cursor.execute(compiled.text, compiled.parameters(values))
        return self._cursor


class Database:
    """The engine, and the two ways into it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer: our threads queue fairly here instead of polling its lock.
        self._writer: AbstractContextManager[Any] = (
            threading.Lock() if self.is_sqlite else nullcontext()
        )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A unit of work that commits at the end of the block and rolls back on any exception.

        Unavailable where the database cannot be reached or was lost: an unknown outcome counts as
        done when it is looked at again, because every single-use fact is in the same commit.
        """
        with self._writer, self._connection() as held:
            if self.is_sqlite:
                held.cursor().execute("BEGIN IMMEDIATE")
            transaction = Transaction(self.engine, held)
            yield transaction
            transaction.flush()
            held.commit()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A connection for reading only: each statement sees what is committed when it runs."""
        with self._connection() as held:
            if self.is_sqlite:
                yield Transaction(self.engine, held)
                return
            driver: Any = held.dbapi_connection
            driver.autocommit = True
            try:
                yield Transaction(self.engine, held)
            finally:
                if not driver.closed:
                    driver.autocommit = False

    @contextmanager
    def _connection(self) -> Iterator[PoolProxiedConnection]:
        """A pooled connection; the driver's errors become ours, a lost one is thrown away."""
        driver: Any = self.engine.dialect.dbapi
        held: PoolProxiedConnection | None = None
        try:
            held = self.engine.raw_connection()
            yield held
        except (driver.IntegrityError, IntegrityError) as error:
            raise Conflict from error
        except (driver.OperationalError, driver.InterfaceError, DBAPIError, PoolTimeout) as error:
            cause: Any = getattr(error, "orig", None) or error
            if held is not None and self.engine.dialect.is_disconnect(cause, held, None):
                held.invalidate()
            raise Unavailable from error
        finally:
            if held is not None:
                held.close()


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
