"""PostgreSQL's statements past psycopg's cursor, which costs three times what libpq does.

Each statement is prepared on a connection once and then run by its name; values travel as text,
bytes as they are (docs/performance.md says what that saves). psycopg still opens the connection,
ends transactions and names the errors.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Binary, Connection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.types.json import Json

from idp.foundation.turns import given_up, waiting

_DUMP: dict[type, Callable[[Any], Any]] = {
    str: str.encode,
    int: b"%d".__mod__,
    bool: lambda value: b"t" if value else b"f",
    Binary: lambda value: value.obj,
    type(None): lambda _: None,
    Json: lambda value: json.dumps(value.obj).encode(),
}
_LOAD: dict[int, Callable[[bytes], Any]] = {
    16: b"t".__eq__,
    17: lambda value: bytes.fromhex(value[2:].decode()),
    20: int,
    21: int,
    23: int,
    114: json.loads,
}
"""By the type's OID (pg_type); all others come as text."""


class PreparedCursor:
    """A connection's only cursor, as DB-API has it; a statement's values are ``$1``, ``$2``."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._libpq = connection.pgconn
        self._run = waiting(self._libpq.exec_prepared)
        self._names: dict[str, bytes] = {}
        self._loads: dict[bytes, list[Callable[[bytes], Any]]] = {}
        self._name = b""
        self._result: PGresult
        self._at = 0

    def execute(self, text: str, values: Sequence[object] = ()) -> None:
        """Run it; psycopg's error where the server refuses or the connection is lost."""
        self._name = self._names.get(text) or self._prepare(text)
        self._at = 0
        self._result = self._checked(
            self._run(
                self._name,
                [_DUMP[type(value)](value) for value in values],
                [Format.BINARY if type(value) is Binary else Format.TEXT for value in values],
            )
        )

    @property
    def rowcount(self) -> int:
        """How many rows it touched."""
        return self._result.command_tuples or 0

    def fetchone(self) -> list[Any] | None:
        """The next row, None after the last."""
        if self._at == self._result.ntuples:
            return None
        self._at += 1
        return self._row(self._at - 1)

    def fetchall(self) -> list[list[Any]]:
        """The rows that are left."""
        return [self._row(at) for at in range(self._at, self._result.ntuples)]

    def _row(self, at: int) -> list[Any]:
        value_of = self._result.get_value
        return [
            None if (value := value_of(at, column)) is None else load(value)
            for column, load in enumerate(self._loads.get(self._name) or self._learn())
        ]

    def _learn(self) -> list[Callable[[bytes], Any]]:
        types = map(self._result.ftype, range(self._result.nfields))
        loads = self._loads[self._name] = [_LOAD.get(oid, bytes.decode) for oid in types]
        return loads

    def _prepare(self, text: str) -> bytes:
        name = b"idp%d" % len(self._names)
        with given_up():
            self._checked(self._libpq.prepare(name, text.encode()))
        self._names[text] = name
        return name

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        if self._libpq.status != ConnStatus.OK:
            raise OperationalError(result.get_error_message())
        raise error_from_result(result)
