"""The driver's connections that a process keeps, as many as its threads ever used at once.

SQLAlchemy makes them, but its pool does not keep them: a checkout, with its reset, costs more than
most of our statements (docs/performance.md).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from idp.foundation.turns import given_up, waiting


class Held:
    """One connection, in the ORM's wrapping too, and the one cursor that all statements run on.

    ``execute`` runs a statement on it, ``commit`` makes what was done last.
    """

    __slots__ = ("commit", "cursor", "driver", "execute", "wrapped")

    def __init__(self, wrapped: PoolProxiedConnection, *, is_remote: bool) -> None:
        wrapped.detach()
        driver: Any = wrapped.dbapi_connection
        self.wrapped = wrapped
        self.driver = driver
        if is_remote:
            # psycopg is an extra, and takes its time to import.
            from idp.foundation.database.prepared import PreparedCursor  # noqa: PLC0415

            self.cursor: Any = PreparedCursor(driver)
            self.commit: Callable[[], None] = partial(self.cursor.execute, "COMMIT")
        else:
            self.cursor = driver.cursor()
            self.commit = waiting(driver.commit)
        self.execute = self.cursor.execute


class Connections:
    """Lends connections; each comes back outside of any transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._begins_itself = engine.dialect.name == "sqlite"
        self._idle: list[Held] = []

    def borrow(self) -> Held:
        """The connection used last, or a new one; the driver's error where there can be none."""
        try:
            return self._idle.pop()
        except IndexError:
            with given_up():
                raw = self._engine.raw_connection()
            held = Held(raw, is_remote=not self._begins_itself)
        if not self._begins_itself:
            held.driver.autocommit = True  # Otherwise a read alone would open a transaction.
        return held

    def give_back(self, held: Held) -> None:
        """Lend it to others from now on."""
        self._idle.append(held)

    def undo(self, held: Held) -> None:
        """Take it back without what was begun; where it is lost, let go of all like it too."""
        try:
            held.driver.rollback()
        except self._engine.dialect.loaded_dbapi.Error:
            held.wrapped.close()
            self.close()
        else:
            self.give_back(held)

    def close(self) -> None:
        """Close those that nobody uses; new ones are made when they are needed."""
        while self._idle:
            self._idle.pop().wrapped.close()
