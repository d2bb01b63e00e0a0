"""Statements of the hot ways, compiled once per dialect."""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter

_PARAMETERS: dict[str, Any] = {"sqlite": "qmark", "postgresql": "numeric_dollar"}
_Input = tuple[str | None, Any, Callable[[Any], Any] | None]
"""The caller's name of a value, or None and the constant itself; how it is converted."""


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
        positional: Any = type(dialect)
        compiled: SQLCompiler = clause.compile(
            dialect=positional(paramstyle=_PARAMETERS[dialect.name])
        )
        self.text = str(compiled)
        self._inputs = [
            _input(name, compiled.binds[name], dialect) for name in compiled.positiontup or ()
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

    def parameters(self, values: dict[str, Any]) -> list[Any]:
        """What the driver gets, in order: constants and the caller's values, converted."""
        return [
            constant if name is None else convert(values[name]) if convert else values[name]
            for name, constant, convert in self._inputs
        ]

    def row(self, raw: Any) -> Any:
        """The driver's row as a named tuple with converted values."""
        values = list(raw)
        for index, convert in self._out:
            values[index] = convert(values[index])
        return self._make(values)


def _input(name: str, bind: BindParameter[Any], dialect: Dialect) -> _Input:
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.required or bind.value is None:
        return name, None, convert
    return None, convert(bind.value) if convert else bind.value, convert
