"""One unit of work: statements of the hot ways on the driver's cursor, the ORM for the consoles."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from idp.foundation.database.connections import Held
from idp.foundation.database.statement import Compiled, Statement


class Transaction:
    """One unit of work on one connection; everything in it becomes true together or not at all."""

    def __init__(self, engine: Engine, held: Held) -> None:
        self._engine = engine
        self._dialect = engine.dialect
        self._held = held
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The ORM in this same transaction, for the consoles' ways; flushed before the commit."""
        if self._session is None:
            connection = Connection(self._engine, connection=self._held.wrapped)
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

    def _execute(self, compiled: Compiled, values: dict[str, Any]) -> Any:
        self.flush()
        self._held.execute(compiled.text, compiled.parameters(values))
        return self._held.cursor
