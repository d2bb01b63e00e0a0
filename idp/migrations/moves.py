"""What Alembic does for us: it moves a database on, and tells where it differs from the models.

A process that only serves never imports it (a tenth of its memory).
"""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from idp.errors import Refused
from idp.migrations.metadata import metadata


def config(connection: Connection | None = None, **attributes: Any) -> Config:
    """Alembic's configuration: no file, our folder, this connection."""
    made = Config()
    made.set_main_option("script_location", "idp:migrations")
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes.update(connection=connection, **attributes)
    return made


def move_on(engine: Engine) -> None:
    """Bring the schema to the newest version."""
    with engine.connect() as connection:
        # Its settings are for this work alone: the pool never sees it again.
        connection.detach()
        if engine.dialect.name == "sqlite":
            _upgrade_sqlite(connection)
        else:
            _upgrade_postgresql(connection)


def differences(engine: Engine) -> list[Any]:
    """Where the database differs from the models, in Alembic's words; empty after `upgrade`."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


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
