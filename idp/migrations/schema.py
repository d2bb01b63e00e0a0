"""The version of a database's schema: which it is, whether we know it, the way to the newest."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, String, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from idp.errors import Refused, Unavailable

_NOTED = select(column("version_num", String)).select_from(table("alembic_version"))
_VERSIONS = Path(__file__).parent / "versions"


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


def schema(engine: Engine) -> Schema:
    """Read which version the database has; Unavailable where it cannot be reached."""
    try:
        with engine.connect() as connection:
            is_there = inspect(connection).has_table("alembic_version")
            version = connection.scalar(_NOTED) if is_there else None
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
    from idp.migrations.moves import move_on  # noqa: PLC0415

    before = schema(engine)
    if not before.is_known:
        raise Refused("schema_unknown", version=before.version)
    if not before.is_current:
        move_on(engine)
    return before


@cache
def _versions() -> list[str]:
    """All versions we know, the newest first; a version's file begins with its number."""
    return sorted((file.name.partition("_")[0] for file in _VERSIONS.glob("0*.py")), reverse=True)
