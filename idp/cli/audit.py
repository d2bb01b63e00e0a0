"""``idp audit``: the log of deeds, to look into, to prove and to take out."""

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click

from idp.audit import BEGINNING, AuditRecord, Event, Head, read, verify
from idp.audit import export as export_records
from idp.audit import record as write
from idp.cli.arguments import MOMENT
from idp.cli.installation import Installation
from idp.cli.lookup import find_organization
from idp.cli.output import facts, printed, say, table
from idp.cli.refusals import Stopped

_LIST = table("at", "event", "actor", "target", "reference", "detail", empty="Nothing is recorded.")


@click.group()
def audit() -> None:
    """Read, prove and export the log of deeds."""


@audit.command("list")
@click.option("--organization", metavar="SLUG", help="Only what was done in this organization.")
@click.option("--target", metavar="ID", help="Only what was done to this person or thing.")
@click.option("--event", "events", multiple=True, metavar="NAME", help="Only these events.")
@click.option("--reference", help="Only what a person was shown under this reference.")
@click.option("--since", type=MOMENT, help="From this moment on.")
@click.option("--until", type=MOMENT, help="Before this moment.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, help="At most so many records.")
@printed(_LIST)
@click.pass_obj
def list_records(
    installation: Installation,
    *,
    organization: str | None,
    target: str | None,
    events: tuple[str, ...],
    reference: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[Mapping[str, Any]]:
    """List the newest records, newest first."""
    with installation.database.reading() as tx:
        found = read(
            tx,
            organization_id=find_organization(tx, organization).id if organization else None,
            target_id=target,
            events=[_event(name) for name in events],
            reference=reference,
            since=since,
            until=until,
            limit=limit,
        )
        return [_described(record) for record in found]


@audit.command("verify")
@click.option("--after", metavar="POSITION:HASH", help="Start from a head noted down before.")
@printed(facts, failed=lambda verdict: verdict["problem"] is not None)
@click.pass_obj
def verify_chain(installation: Installation, after: str | None) -> Mapping[str, Any]:
    """Compute the chain of hashes anew, to see that nothing changed.

    Status 1 where a record was altered or is missing.
    """
    with installation.database.reading() as tx:
        verdict = verify(tx, known=_head(after) if after else BEGINNING)
    if verdict.problem:
        say(f"Record {verdict.broken_at} is {verdict.problem}; all before it holds.")
    else:
        say("Note the head down elsewhere: only so can a cut-off end be seen.")
    return {
        "checked": verdict.checked,
        "unsealed": verdict.unsealed,
        "head": f"{verdict.head.position}:{verdict.head.hash.hex()}",
        "problem": verdict.problem,
        "broken_at": verdict.broken_at,
    }


@audit.command()
@click.argument("file", default="-", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--after", type=click.IntRange(0), default=0, help="Only after this position.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document, not lines.")
@click.pass_obj
def export(installation: Installation, file: Path, after: int, as_json: bool) -> None:
    """Write the sealed records to a new FILE, one JSON document a line.

    Without FILE, or with -, to standard output.
    """
    begin, between, end = ("[", ",\n", "]\n") if as_json else ("", "\n", "\n")
    count = 0
    with _created(file) as output, installation.database.reading() as tx:
        output.write(begin)
        for line in export_records(tx, after=after):
            output.write(f"{between if count else ''}{line}")
            count += 1
        output.write(end)
    with installation.database.transaction() as tx:
        write(tx, Event.AUDIT_EXPORTED, by=installation.operator, after=after, records=count)
    say(f"{count} records are exported.")


def _created(path: Path) -> AbstractContextManager[IO[str]]:
    """A new file that others cannot read, or standard output; never an old file."""
    if str(path) == "-":
        return nullcontext(sys.stdout)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Stopped(f"{path}: {error.strerror}") from error
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _head(text: str) -> Head:
    position, _, digest = text.partition(":")
    try:
        return Head(position=int(position), hash=bytes.fromhex(digest))
    except ValueError as error:
        raise click.BadParameter("must be POSITION:HASH", param_hint="--after") from error


def _event(name: str) -> Event:
    try:
        return Event(name)
    except ValueError as error:
        known = ", ".join(event.value for event in Event)
        raise click.BadParameter(f"must be one of {known}", param_hint="--event") from error


def _described(record: AuditRecord) -> Mapping[str, Any]:
    return {
        "position": record.position,
        "at": record.at,
        "event": record.event,
        "actor": ":".join(filter(None, (record.actor_kind, record.actor_id))),
        "organization": record.organization_id,
        "target": record.target_id,
        "reference": record.reference,
        "network": record.network,
        "detail": record.detail,
    }
