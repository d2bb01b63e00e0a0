"""Checks of where facts are kept: the database, its schema and clock, and Redis."""

import stat
from datetime import UTC, timedelta

from sqlalchemy import Engine

from idp.cli.doctor.finding import Findings, fine, warning, wrong
from idp.config import Settings
from idp.foundation.clock import utcnow
from idp.foundation.ephemeral import connect
from idp.migrations.schema import Schema
from idp.serving.store import sqlite_file

_SKEW = timedelta(seconds=2)


def check_database(engine: Engine, schema: Schema) -> Findings:
    """Say which database this is and whether its schema is the one we serve from."""
    name = engine.url.render_as_string(hide_password=True)
    if schema.version is None:
        yield wrong("database", f"{name} is empty", "idp init")
    elif not schema.is_known:
        yield wrong(
            "database",
            f"{name} has schema {schema.version}, which this version does not know",
            "Install the version of the product that made it, or a later one",
        )
    elif not schema.is_current:
        yield wrong(
            "database", f"{name} has schema {schema.version} of {schema.newest}", "idp migrate"
        )
    else:
        yield fine("database", f"{name} answers, schema {schema.version}")
    path = sqlite_file(engine)
    if path and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield wrong("database", f"others may read {path}", f"chmod 600 {path}")


def check_clock(engine: Engine) -> Findings:
    """Compare our clock with the database's: nodes must agree on what has expired."""
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        before = utcnow()
        theirs = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        after = utcnow()
    theirs = theirs.astimezone(UTC)
    skew = max(before - theirs, theirs - after, timedelta(0))
    if skew > _SKEW:
        yield warning(
            "clock",
            f"ours and the database's differ by {skew.total_seconds():.0f} s",
            "Keep the clocks of all machines by NTP (timedatectl set-ntp true)",
        )
    else:
        yield fine("clock", "it agrees with the database's")


def check_redis(settings: Settings) -> Findings:
    """Ask Redis for something; without a Redis there is nothing to say."""
    if not settings.redis.url:
        return
    memory = connect(settings.redis.url)
    memory.get("doctor")
    if memory.is_degraded:
        yield wrong(
            "redis",
            "it does not answer: every process counts wrong passwords for itself",
            "Start it, or mend redis.url; sign-in goes on meanwhile",
        )
    else:
        yield fine("redis", "it answers")


def unreachable(error: BaseException) -> Findings:
    """The database does not answer."""
    yield wrong(
        "database",
        " ".join(str(getattr(error, "orig", None) or error).split()),
        "Start it, or mend database.url",
    )
