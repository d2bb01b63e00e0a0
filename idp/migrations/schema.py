"""The version of a database's schema: which it is, whether we know it, the way to the newest."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from idp.errors import Refused, Unavailable
from idp.migrations.metadata import metadata


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What a database holds, beside what this version of the product expects."""

    version: str | None
    """None: no schema yet."""
    newest: str
    is_known: bool
    """False where a later version of the product has been at work."""

    @property
    def is_current(self) -> bool:
        """Whether this version of the product can serve from it."""
        return self.version == self.newest


def config(connection: Connection | None = None, **attributes: Any) -> Config:
    """Alembic's configuration: no file, our folder, this connection."""
    made = Config()
    made.set_main_option("script_location", "idp:migrations")
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes.update(connection=connection, **attributes)
    return made


def schema(engine: Engine) -> Schema:
    """Read which version the database has; Unavailable where it cannot be reached."""
    try:
        with engine.connect() as connection:
            version = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise Unavailable("database_unreachable") from error
    known = _versions()
    return Schema(version=version, newest=known[0], is_known=version is None or version in known)


def require_schema(engine: Engine) -> None:
    """Go on where this version can work with the schema; Refused where it is missing or old.

    A newer one is not refused: while nodes are upgraded one by one, those still waiting serve on.
    """
    found = schema(engine)
    if found.version is None:
        raise Refused("schema_missing")
    if found.is_known and not found.is_current:
        raise Refused("schema_old", version=found.version, newest=found.newest)


def upgrade(engine: Engine) -> Schema:
    """Bring the schema to the newest version and return what it was; the caller is `alone`.

    Each version is done or undone as a whole, so that a broken-off upgrade goes on where it was.
    Refused, ``schema_unknown``, where the database is newer than we are.
    """
    before = schema(engine)
    if not before.is_known:
        raise Refused("schema_unknown", version=before.version)
    if not before.is_current:
        with engine.connect() as connection:
            # Its settings are for this work alone: the pool never sees it again.
            connection.detach()
            if engine.dialect.name == "sqlite":
                _upgrade_sqlite(connection)
            else:
                _upgrade_postgresql(connection)
    return before


def differences(engine: Engine) -> list[Any]:
    """Where the database differs from the models, in Alembic's words; empty after `upgrade`."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


@cache
def _versions() -> list[str]:
    """All versions we know, the newest first."""
    scripts = ScriptDirectory.from_config(config())
    return [script.revision for script in scripts.walk_revisions()]


def _upgrade_postgresql(connection: Connection) -> None:
    """Rows may take their time; waiting for a table keeps others waiting too, so that is short."""
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.exec_driver_sql("SET lock_timeout = '4s'")
    connection.commit()
    command.upgrade(config(connection), "head")


def _upgrade_sqlite(connection: Connection) -> None:
    """In one transaction, and without foreign keys: a table is changed by making it anew."""
    connection = connection.execution_options(joined=True)
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    command.upgrade(config(connection), "head")
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise Refused("schema_broken", rows=len(broken))
    connection.commit()
