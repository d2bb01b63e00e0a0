"""What of an organization's connections expires: facts for the calendar, read from their rows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from idp.authentication.federation.calendar import Expiry, Kind
from idp.authentication.federation.document import title
from idp.authentication.federation.lookup import opened_secrets
from idp.authentication.federation.models import ConnectionRecord
from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.federation.saml import metadata, own_keys, pinned, renewal
from idp.directory.models import Organization
from idp.foundation.database import Transaction
from idp.foundation.sealed import KeyRing

_FINLAND = ZoneInfo("Europe/Helsinki")


def expiries(tx: Transaction, keyring: KeyRing, organization_id: str | None = None) -> list[Expiry]:
    """Everything that ends, of one organization or of all."""
    query = select(ConnectionRecord, Organization.slug).join(
        Organization, Organization.id == ConnectionRecord.organization_id
    )
    if organization_id is not None:
        query = query.where(ConnectionRecord.organization_id == organization_id)
    return [
        replace(expiry, organization=slug)
        for row, slug in tx.session.execute(query)
        for expiry in _of(row, keyring)
    ]


def _of(row: ConnectionRecord, keyring: KeyRing) -> Iterator[Expiry]:
    if told := row.document.get("client_secret_expires"):
        yield _expiry(row, Kind.CLIENT_SECRET, row.document["client_id"], _beginning(told))
    if row.kind == "saml":
        opened = opened_secrets(keyring, row.id, row.sealed_secrets)
        yield from _theirs(row, pinned.kept(row.document, opened))
        yield from _ours(row, opened)


def _theirs(row: ConnectionRecord, xml: str | None) -> Iterator[Expiry]:
    """What the identity provider's metadata says; nothing where it cannot be read (any more)."""
    if xml is None:
        return
    try:
        found = metadata.read(
            xml.encode(),
            now=pinned.ALWAYS,
            entity_id=row.document.get("entity_id"),
            is_allowed=metadata.is_web,
        )
    except FederationRefused:
        return
    for certificate in found.certificates:
        label = certificate.fingerprint[:23]
        yield _expiry(row, Kind.IDP_CERTIFICATE, label, certificate.not_after)
    if found.valid_until is not None:
        yield _expiry(row, Kind.METADATA, "validUntil", found.valid_until)


def _ours(row: ConnectionRecord, opened: dict[str, Any]) -> Iterator[Expiry]:
    """Our certificates' ends; once the next one is published, the change, which comes earlier."""
    if text := opened.get(own_keys.NEXT_SIGNING):
        coming = own_keys.loaded(text).certificate
        present = own_keys.loaded(opened[own_keys.SIGNING]).certificate
        at = renewal.used_from(present.not_after, coming.not_before)
        yield _expiry(row, Kind.SP_CHANGE, coming.fingerprint[:23], at)
        return
    for name in (own_keys.SIGNING, own_keys.ENCRYPTION):
        if text := opened.get(name):
            certificate = own_keys.loaded(text).certificate
            label = certificate.fingerprint[:23]
            yield _expiry(row, Kind.SP_CERTIFICATE, label, certificate.not_after)


def _beginning(day: str) -> datetime:
    """The first moment of a day in Finland: whoever noted the day noted no hour."""
    return datetime.combine(date.fromisoformat(day), time.min, _FINLAND)


def _expiry(row: ConnectionRecord, kind: Kind, label: str, at: datetime) -> Expiry:
    return Expiry(
        connection_id=row.id,
        connection=row.name,
        title=title(row.document),
        organization="",
        kind=kind,
        label=label,
        expires_at=at,
    )
