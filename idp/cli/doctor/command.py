"""The command, and the order of its checks: each needs what those before it found."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from idp.cli.doctor.finding import Finding, Findings, wrong
from idp.cli.doctor.kerberos import check_kerberos
from idp.cli.doctor.keys import check_signing, load_keys
from idp.cli.doctor.mail import check_mail_server, check_outbox, check_sender
from idp.cli.doctor.room import check_room
from idp.cli.doctor.settings import check_settings
from idp.cli.doctor.stores import check_clock, check_database, check_redis, unreachable
from idp.cli.installation import Installation
from idp.cli.output import printed
from idp.errors import Unavailable
from idp.foundation.database import Database
from idp.foundation.sealed import KeyRing
from idp.migrations.schema import schema
from idp.serving.store import sqlite_file

_MARKS = {"ok": "  ok     ", "warning": "  warning", "error": "  ERROR  "}


def _human(result: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for finding in result["findings"]:
        lines.append(f"{_MARKS[finding['severity']]}  {finding['about']}: {finding['text']}")
        if finding["cure"]:
            lines.append(f"             → {finding['cure']}")
    return "\n".join(lines)


@click.command()
@printed(_human, failed=lambda result: bool(result["errors"]))
@click.pass_obj
def doctor(installation: Installation) -> Mapping[str, Any]:
    """Check the installation; each finding with its cure.

    Status 1 where something is wrong; nothing is changed and no mail is sent.
    """
    findings = list(examine(installation))
    return {
        "errors": _count(findings, "error"),
        "warnings": _count(findings, "warning"),
        "findings": [asdict(finding) for finding in findings],
    }


def examine(installation: Installation) -> Findings:
    """Every finding, in an order that can be followed from the top."""
    settings = installation.settings
    yield from check_settings(settings, installation.path)
    yield from check_room(settings)
    keyring, found = load_keys(settings.keys.directory)
    yield from found
    yield from _stores(installation, keyring)
    yield from check_redis(settings)
    yield from check_mail_server(settings)
    if settings.is_https:
        yield from check_sender(settings)


def _stores(installation: Installation, keyring: KeyRing | None) -> Findings:
    engine = installation.engine
    path = sqlite_file(engine)
    if path and not path.exists():
        yield wrong("database", f"{path} is not there", "idp init")
        return
    try:
        found = schema(engine)
        yield from check_database(engine, found)
        yield from check_clock(engine)
        if found.is_current:
            with closing(Database(engine)) as database:
                yield from check_outbox(database)
                yield from check_kerberos(database)
                if keyring:
                    yield from check_signing(installation.settings, database, keyring)
    except (Unavailable, DBAPIError) as error:
        yield from unreachable(error.__cause__ or error)


def _count(findings: Sequence[Finding], severity: str) -> int:
    return sum(finding.severity == severity for finding in findings)
