"""The two ways into the database: units of work that write, and reading."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from idp.errors import IdpError, Unavailable
from idp.foundation.database.connections import Connections, Held
from idp.foundation.database.transaction import Transaction
from idp.foundation.database.writer import Writer


class Conflict(IdpError):
    """Somebody else already holds what must be unique."""

    code = "conflict"
    status = 409


class Database:
    """The engine, and the two ways into it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        driver = engine.dialect.loaded_dbapi
        self._conflicts = (driver.IntegrityError, IntegrityError)
        self._outages = (
            driver.OperationalError,
            driver.InterfaceError,
            DBAPIError,
            PoolTimeout,
        )
        self._connections = Connections(engine)
        self._writer = Writer(self._connections)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A unit of work that commits at the end of the block and rolls back on any exception.

        Unavailable where the database cannot be reached or was lost: an unknown outcome counts as
        done when it is looked at again, because every single-use fact is in the same commit.
        """
        with self._errors(), self._unit() as held:
            transaction = Transaction(self.engine, held)
            yield transaction
            transaction.flush()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A connection for reading only: each statement sees what is committed when it runs."""
        with self._errors():
            held = self._connections.borrow()
            try:
                yield Transaction(self.engine, held)
            except BaseException:
                self._connections.undo(held)
                raise
            self._connections.give_back(held)

    def close(self) -> None:
        """Let go of every connection; new ones are made when they are needed."""
        self._connections.close()
        self.engine.dispose()

    def _unit(self) -> AbstractContextManager[Held]:
        return self._writer.unit() if self.is_sqlite else self._own_unit()

    @contextmanager
    def _own_unit(self) -> Iterator[Held]:
        """A unit of work of its own; PostgreSQL commits many at once by itself."""
        held = self._connections.borrow()
        try:
            held.execute("BEGIN")
            yield held
            held.commit()
        except BaseException:
            self._connections.undo(held)
            raise
        self._connections.give_back(held)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The driver's errors as ours."""
        try:
            yield
        except self._conflicts as error:
            raise Conflict from error
        except self._outages as error:
            raise Unavailable from error
