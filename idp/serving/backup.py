"""A backup: every row of every table as JSON lines in one gzip file, taken at one moment.

It names no store, so that what SQLite wrote PostgreSQL reads. Keys are not in it: what is sealed
stays sealed, and neither is of use without the other.
"""

import base64
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Connection, Engine, LargeBinary, Table, delete, insert, select
from sqlalchemy.exc import OperationalError

from idp.errors import Refused, Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Instant
from idp.migrations.metadata import metadata
from idp.migrations.schema import schema

_FORMAT = "idp backup 1"
_BATCH = 500
Progress = Callable[[int], object]
"""Told now and then how many rows more are done."""


def back_up(engine: Engine, path: Path, progress: Progress) -> int:
    """Write every row to a new file that nobody else reads; how many there were.

    All of one moment, while the nodes serve on. Refused, and nothing left behind, where the file is
    there already or cannot be written; Unavailable where the database goes away.
    """
    part, rows = path.with_name(f"{path.name}.part"), 0
    try:
        with _created(part) as file, _one_moment(engine) as connection:
            _say(file, {"backup": _FORMAT, "schema": schema(engine).version, "at": str(utcnow())})
            for table in metadata.sorted_tables:
                rows += _write(file, connection, table, progress)
            _say(file, {"rows": rows})
        os.link(part, path)
    except OSError as error:
        raise Refused("cannot_write", path=path, why=error.strerror) from error
    except OperationalError as error:
        raise Unavailable from error
    finally:
        part.unlink(missing_ok=True)
    return rows


def read_back(connection: Connection, path: Path, progress: Progress) -> datetime:
    """Put a backup's rows in the place of what there is; the moment they are of.

    All in the caller's transaction, which is rolled back where this raises: Refused for what is no
    whole backup, or one of another schema.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            head = json.loads(file.readline())
            if not isinstance(head, dict) or head.get("backup") != _FORMAT:
                raise Refused("not_a_backup", path=path)
            ours = schema(connection.engine).version
            if head["schema"] != ours:
                raise Refused("other_schema", path=path, version=head["schema"], ours=ours)
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            if not _read(connection, file, progress):
                raise Refused("not_a_backup", path=path)
            return datetime.fromisoformat(head["at"])
    except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
        raise Refused("not_a_backup", path=path) from error


@contextmanager
def _created(path: Path) -> Iterator[IO[str]]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as file:
            yield file
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the store as it was when it began."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection:
        yield connection.execution_options(**options)


def _write(file: IO[str], connection: Connection, table: Table, progress: Progress) -> int:
    _say(file, {"table": table.name, "columns": [column.name for column in table.columns]})
    query = select(table).order_by(*table.primary_key)
    count = 0
    with connection.execution_options(yield_per=_BATCH).execute(query) as result:
        for partition in result.partitions():
            for row in partition:
                _say(file, [_plain(value) for value in row])
            count += len(partition)
            progress(len(partition))
    return count


def _say(file: IO[str], value: object) -> None:
    file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def _read(connection: Connection, file: IO[str], progress: Progress) -> bool:
    """Insert every row that follows; whether the file says at its end that those were all."""
    count = 0
    columns: list[Column[Any]] = []
    lines = (json.loads(line) for line in file)
    for is_row, group in groupby(lines, key=lambda value: isinstance(value, list)):
        if is_row:
            while batch := [_row(columns, values) for values in islice(group, _BATCH)]:
                connection.execute(insert(columns[0].table), batch)
                count += len(batch)
                progress(len(batch))
            continue
        for head in group:
            if "rows" in head:
                return bool(head["rows"] == count)
            columns = [metadata.tables[head["table"]].columns[name] for name in head["columns"]]
    return False


def _row(columns: list[Column[Any]], values: list[Any]) -> dict[str, Any]:
    return {
        column.key: _typed(column, value) for column, value in zip(columns, values, strict=True)
    }


def _typed(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, LargeBinary):
        return base64.b64decode(value)
    if value is not None and isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    return value
