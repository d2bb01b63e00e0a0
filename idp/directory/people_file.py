"""The file that people are imported from: CSV in UTF-8, its columns in any order.

``,`` and ``;`` are both taken (Finnish spreadsheets write the latter), with or without a byte
order mark. The file is read as a whole before anything is done with what it says.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idp.directory.persons import NewPerson
from idp.errors import Invalid

REQUIRED = ("username", "given_name", "family_name")
OPTIONAL = ("email", "title", "unit", "role")

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000

_BETWEEN_ROLES = re.compile(r"[\s,|]+")
_LONGEST_COLUMN = 50
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would run; the last four are the same in full width."""
_CONTROL = ("\t", "\r", "\n")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the file; ``line`` counts from 1, the header's. ``new`` None: too many cells."""

    line: int
    username: str
    new: NewPerson | None


def read(content: bytes) -> list[Row]:
    """The rows of the file; Invalid where it is too large, no such file, or has other columns."""
    if len(content) > MOST_BYTES:
        raise Invalid({"file": "file_too_large"})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid({"file": "file_not_utf8"}) from error
    lines = _lines(text)
    columns = _columns(next(lines, (1, []))[1])
    rows: list[Row] = []
    for line, cells in lines:
        if len(rows) == MOST_ROWS:
            raise Invalid({"file": "file_too_many_rows"})
        rows.append(_row(line, columns, cells))
    if not rows:
        raise Invalid({"file": "file_empty"})
    return rows


def safe_cell(value: str) -> str:
    """A value for a spreadsheet, which would otherwise run what begins like a formula."""
    runs = value.startswith(_CONTROL) or value.lstrip().startswith(_FORMULA)
    return f"'{value}" if runs else value


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that holds anything, with its number; empty cells at its end are left out."""
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid({"file": "file_not_csv"}, line=begins) from error


def _columns(header: Sequence[str]) -> list[str]:
    """The names of the columns; Invalid with every one that is missing, unknown or repeated."""
    columns = [cell.lower() for cell in header]
    if not columns:
        raise Invalid({"file": "file_empty"})
    problems = {name: "column_missing" for name in REQUIRED if name not in columns}
    for name in columns:
        if name not in REQUIRED + OPTIONAL:
            problems[name[:_LONGEST_COLUMN]] = "column_unknown"
        elif columns.count(name) > 1:
            problems[name] = "column_repeated"
    if problems:
        raise Invalid(problems, "file_columns")
    return columns


def _row(line: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    values = dict.fromkeys(REQUIRED + OPTIONAL, "") | dict(zip(columns, cells, strict=False))
    role = values.pop("role")
    email = values.pop("email") or None
    roles = tuple(filter(None, _BETWEEN_ROLES.split(role)))
    fits = len(cells) <= len(columns)
    return Row(
        line=line,
        username=values["username"],
        new=NewPerson(email=email, roles=roles, **values) if fits else None,
    )
