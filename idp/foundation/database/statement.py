"""Statements of the hot ways, compiled once per dialect."""

from collections import namedtuple
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler


class Statement:
    """A Core statement compiled once per dialect; its parameters are its ``bindparam`` names."""

    def __init__(self, clause: Executable) -> None:
        self._clause = clause
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> "Compiled":
        """The text and the converters for this dialect."""
        try:
            return self._compiled[dialect.name]
        except KeyError:
            return self._compiled.setdefault(dialect.name, Compiled(self._clause, dialect))


class Compiled:
    """The driver's text of a statement, and how its values go in and come out."""

    def __init__(self, clause: Any, dialect: Dialect) -> None:
        compiled: SQLCompiler = clause.compile(dialect=dialect)
        self.text = str(compiled)
        self._constants = {
            name: bind.value
            for name, bind in compiled.binds.items()
            if not bind.required and bind.value is not None
        }
        self._into = [
            (name, convert)
            for name, bind in compiled.binds.items()
            if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
        ]
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
        parameters = self._constants | values
        for name, convert in self._into:
            parameters[name] = convert(parameters[name])
        return parameters

    def row(self, raw: Any) -> Any:
        """The driver's row as a named tuple with converted values."""
        values = list(raw)
        for index, convert in self._out:
            values[index] = convert(values[index])
        return self._make(values)
