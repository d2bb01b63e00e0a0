"""The database before there are keys or a schema, and a deployment for the length of a block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine

from idp import Deployment, create_app
from idp.config import Settings
from idp.foundation.database import engine_options, prepare


def open_engine(settings: Settings) -> Engine:
    """The engine of the settings' database; nothing is connected yet."""
    url = settings.database.url
    return prepare(create_engine(url, **engine_options(url)))


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The engine, its connections closed at the end."""
    engine = open_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def deployed(settings: Settings) -> Iterator[Deployment]:
    """Every part, its connections closed at the end."""
    deployment: Deployment = create_app(settings).extensions["idp"]
    try:
        yield deployment
    finally:
        deployment.parts.database.close()


def sqlite_file(engine: Engine) -> Path | None:
    """The file of a SQLite database; None where it is another store."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def lay_out(engine: Engine) -> None:
    """Make SQLite's folder, and its file as one that nobody else reads."""
    if path := sqlite_file(engine):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
