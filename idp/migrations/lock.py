"""One at a time: what makes or changes a store's foundations, on however many nodes it is asked."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from idp.errors import Unavailable

_ADVISORY_LOCK = 0x696470
_PATIENCE = "120s"


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Keep every other process that asks the same of this store waiting until the block ends.

    A process that dies lets go. Unavailable where the store cannot be reached, or where somebody
    holds it for two minutes.
    """
    with _folder(engine) if engine.dialect.name == "sqlite" else _advisory(engine):
        yield


@contextmanager
def _folder(engine: Engine) -> Iterator[None]:
    """SQLite has one machine: its folder is locked, so that no file is left behind."""
    try:
        folder = os.open(Path(str(engine.url.database)).parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Unavailable("database_unreachable") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def _advisory(engine: Engine) -> Iterator[None]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise Unavailable("database_unreachable") from error
    with connection:
        connection.detach()
        connection.exec_driver_sql(f"SET lock_timeout = '{_PATIENCE}'")
        connection.exec_driver_sql("SET statement_timeout = 0")
        try:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})")
        except DBAPIError as error:
            raise Unavailable("database_busy") from error
        connection.commit()
        yield
