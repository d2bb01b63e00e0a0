"""Records of the audit log as people read them: a sentence with names in the place of ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from idp.audit import AuditRecord
from idp.clients.models import ClientRecord
from idp.directory.models import Organization, Person
from idp.foundation.database import Transaction
from idp.foundation.locale import has_text, translate


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One deed."""

    record_id: str
    at: datetime
    sentence: str
    organization: str | None
    network: str
    reference: str
    detail: str
    """What else was written down, as ``name: value`` joined by semicolons."""


def entries(tx: Transaction, records: Iterable[AuditRecord], locale: str) -> list[Entry]:
    """The records in ``locale``, in their order; what has no name any more keeps its id."""
    records = list(records)
    names = _names(tx, {each for record in records for each in _ids(record)})
    return [_entry(record, names, locale) for record in records]


def _entry(record: AuditRecord, names: Mapping[str, str], locale: str) -> Entry:
    key = f"audit.event.{record.event}"
    target = record.target_id and names.get(record.target_id, record.target_id)
    said = {
        "actor": _actor(record, names, locale),
        "target": target or translate(locale, "audit.target.unknown"),
    }
    return Entry(
        record_id=record.id,
        at=record.at,
        sentence=translate(locale, key, **said) if has_text(key) else record.event,
        organization=names.get(record.organization_id or ""),
        network=record.network,
        reference=record.reference,
        detail="; ".join(_details(record.detail)),
    )


def _actor(record: AuditRecord, names: Mapping[str, str], locale: str) -> str:
    """Their name; the account at the operating system where an operator has no other."""
    if name := names.get(record.actor_id or ""):
        return name
    kind = record.actor_kind if has_text(f"audit.actor.{record.actor_kind}") else "unknown"
    called = translate(locale, f"audit.actor.{kind}")
    return f"{called} ({record.actor_id})" if record.actor_id else called


def _ids(record: AuditRecord) -> Iterable[str]:
    return filter(None, (record.actor_id, record.target_id, record.organization_id))


def _names(tx: Transaction, ids: set[str]) -> dict[str, str]:
    """What the ids of persons, organizations and clients are called."""
    persons = tx.session.execute(
        select(Person.id, Person.given_name, Person.family_name).where(Person.id.in_(ids))
    )
    organizations = tx.session.execute(
        select(Organization.id, Organization.name).where(Organization.id.in_(ids))
    )
    clients = tx.session.scalars(select(ClientRecord).where(ClientRecord.client_id.in_(ids)))
    return {
        **{each.client_id: each.client_metadata.get("client_name", "") for each in clients},
        **{each.id: each.name for each in organizations},
        **{each.id: f"{each.given_name} {each.family_name}" for each in persons},
    }


def _details(detail: Mapping[str, object]) -> Iterable[str]:
    """Everything that tells a reader something; ids of sessions and empty lists do not."""
    for name, value in detail.items():
        if name != "session" and (plain := _plain(value)):
            yield f"{name}: {plain}"


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return "" if value is None else str(value)
