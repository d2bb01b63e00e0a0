"""Writing registrations: by an operator, or by the client itself (RFC 7591, RFC 7592).

Whoever calls any of these bumps the registry (`Clients.changed`) after the commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from idp.audit import Actor, Event, record
from idp.clients import pairwise
from idp.clients.metadata import validate
from idp.clients.metadata.rules import OPERATORS_FIELDS
from idp.clients.models import ClientRecord
from idp.clients.readable_secrets import rewrap_secrets, seal_secret
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest, equal, random_id, random_token

SECRET_OVERLAP = timedelta(days=7)
"""How long the old secret still works after a rotation."""
_PREFIX = "idp_rat_"
_LONGEST_ID = 100
_COMPARED = ("client_secret_basic", "client_secret_post")
"""Methods that only compare a secret, so that a digest of it will do."""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A registration, and what is shown of it this once; None where there is nothing new."""

    record: ClientRecord
    client_secret: str | None = field(default=None, repr=False)
    registration_access_token: str | None = field(default=None, repr=False)


class Registrations:
    """The write side of the registry; keeps nothing between calls."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def all(self, tx: Transaction) -> list[ClientRecord]:
        """Every registration, oldest first, but for those that their clients took back."""
        rows = select(ClientRecord).where(ClientRecord.deleted_at.is_(None))
        return list(tx.session.scalars(rows.order_by(ClientRecord.created_at)))

    def get(self, tx: Transaction, client_id: str) -> ClientRecord:
        """The registration, disabled or not; NotFound."""
        row = tx.session.get(ClientRecord, client_id) if is_identifier(client_id) else None
        if row is None or row.deleted_at is not None:
            raise NotFound("no_such_client", client_id=client_id)
        return row

    def opened_by(self, tx: Transaction, client_id: str, token: str) -> ClientRecord | None:
        """The registration that this registration access token opens (RFC 7592 section 2)."""
        row = tx.session.get(ClientRecord, client_id) if is_identifier(client_id) else None
        if row is None or row.disabled_at or row.registration_token_digest is None:
            return None
        return row if equal(row.registration_token_digest, digest(token)) else None

    def register(
        self,
        tx: Transaction,
        document: object,
        *,
        by: Actor,
        is_first_party: bool = True,
        is_dynamic: bool = False,
    ) -> Registered:
        """Register a client; raises Invalid naming each wrong metadata field.

        One that registers itself is a stranger to people, who are asked for their consent, and
        gets a registration access token.
        """
        metadata, now = validate(document, is_dynamic=is_dynamic), utcnow()
        row = ClientRecord(
            client_id=random_id(),
            client_metadata=metadata,
            is_first_party=is_first_party and not is_dynamic,
            created_at=now,
            changed_at=now,
        )
        secret = self._give_secret(row)
        token = _give_token(row) if is_dynamic else None
        self._prepare(tx, metadata)
        tx.session.add(row)
        tx.flush()
        record(tx, Event.CLIENT_REGISTERED, by=by, target_id=row.client_id)
        return Registered(record=row, client_secret=secret, registration_access_token=token)

    def update(
        self,
        tx: Transaction,
        row: ClientRecord,
        document: object,
        *,
        by: Actor,
        is_dynamic: bool = False,
    ) -> Registered:
        """Put the document in the place of what was registered; Invalid (RFC 7592 section 2.2).

        The secret stays as long as the way of authentication can use it. A client's own update
        gives it a new registration access token, and leaves what an operator set of it as it is;
        an operator's leaves it the token it has.
        """
        metadata = validate(document, is_dynamic=is_dynamic)
        if is_dynamic:
            metadata = validate({**metadata, **operators_part(row.client_metadata)})
        keeps_secret = _can_keep_secret(row.client_metadata, metadata)
        row.client_metadata, row.changed_at = metadata, utcnow()
        secret = None
        if not keeps_secret:
            row.previous_secret_digest = row.previous_sealed_secret = None
            secret = self._give_secret(row)
        token = _give_token(row) if is_dynamic else None
        self._prepare(tx, metadata)
        record(tx, Event.CLIENT_UPDATED, by=by, target_id=row.client_id)
        return Registered(record=row, client_secret=secret, registration_access_token=token)

    def rotate_secret(self, tx: Transaction, client_id: str, *, by: Actor) -> Registered:
        """Give a new secret; the old one works for `SECRET_OVERLAP` more. NotFound without one."""
        row, now = self.get(tx, client_id), utcnow()
        before = row.secret_digest, row.sealed_secret
        secret = self._give_secret(row)
        if secret is None:
            raise NotFound("client_without_secret", client_id=client_id)
        row.previous_secret_digest, row.previous_sealed_secret = before
        row.previous_secret_until, row.changed_at = now + SECRET_OVERLAP, now
        record(tx, Event.CLIENT_SECRET_ROTATED, by=by, target_id=client_id)
        return Registered(record=row, client_secret=secret)

    def disable(self, tx: Transaction, client_id: str, *, by: Actor) -> None:
        """Refuse the client from now on; its grants stay, unusable."""
        self.get(tx, client_id).disabled_at = utcnow()
        record(tx, Event.CLIENT_DISABLED, by=by, target_id=client_id)

    def enable(self, tx: Transaction, client_id: str, *, by: Actor) -> None:
        """Accept the client again."""
        self.get(tx, client_id).disabled_at = None
        record(tx, Event.CLIENT_ENABLED, by=by, target_id=client_id)

    def delete(self, tx: Transaction, row: ClientRecord, *, by: Actor) -> None:
        """Refuse the client for good (RFC 7592 section 2.3); the row stays, for the log's sake."""
        row.disabled_at = row.deleted_at = utcnow()
        row.secret_digest = row.previous_secret_digest = row.registration_token_digest = None
        row.sealed_secret = row.previous_sealed_secret = None
        record(tx, Event.CLIENT_DELETED, by=by, target_id=row.client_id)

    def rewrap(self, tx: Transaction) -> int:
        """Seal what is sealed under the newest key-encryption key; how many were not yet."""
        sealed = or_(
            ClientRecord.sealed_secret.is_not(None),
            ClientRecord.previous_sealed_secret.is_not(None),
        )
        rows = tx.session.scalars(select(ClientRecord).where(sealed))
        count = sum(rewrap_secrets(row, self._keyring) for row in rows)
        return count + pairwise.rewrap_key(tx, self._keyring)

    def _prepare(self, tx: Transaction, metadata: Mapping[str, Any]) -> None:
        if metadata["subject_type"] == "pairwise":
            pairwise.ensure_key(tx, self._keyring)

    def _give_secret(self, row: ClientRecord) -> str | None:
        """A new secret where the client's method has one: its digest, or sealed for a MAC's use."""
        method = row.client_metadata["token_endpoint_auth_method"]
        secret = random_token() if method.startswith("client_secret_") else None
        row.secret_digest = digest(secret) if secret else None
        row.sealed_secret = None
        if secret and method == "client_secret_jwt":
            row.sealed_secret = seal_secret(self._keyring, row.client_id, secret)
        return secret


def is_identifier(text: str) -> bool:
    """Whether a client of ours could be called so."""
    return text.isascii() and text.isprintable() and 0 < len(text) <= _LONGEST_ID


def operators_part(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What only an operator can have set, or a default of it."""
    return {name: metadata[name] for name in OPERATORS_FIELDS if name in metadata}


def _give_token(row: ClientRecord) -> str:
    token = _PREFIX + random_token()
    row.registration_token_digest = digest(token)
    return token


def _can_keep_secret(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether what is kept of the secret serves the new way of authentication too."""
    old, new = (each["token_endpoint_auth_method"] for each in (before, after))
    return bool(old == new) or (old in _COMPARED and new in _COMPARED)
