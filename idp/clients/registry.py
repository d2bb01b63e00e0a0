"""The registry of clients: registration, secrets and the cached look-up of the hot ways."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from idp.audit import Actor, Event, record
from idp.clients import pairwise
from idp.clients.client import Client
from idp.clients.metadata import DEFAULTS, validate
from idp.clients.models import ClientRecord
from idp.clients.pairwise import Pairwise, sector_of
from idp.clients.readable_secrets import rewrap_secrets, seal_secret
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Statement, Transaction
from idp.foundation.ephemeral import Ephemeral
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest, random_id, random_token

SECRET_OVERLAP = timedelta(days=7)
"""How long the old secret still works after a rotation."""
_VERSION = "clients"
_CACHED_FOR = timedelta(seconds=60)

_LOOK_UP = Statement(
    select(
        ClientRecord.client_id,
        ClientRecord.client_metadata,
        ClientRecord.is_first_party,
        ClientRecord.secret_digest,
        ClientRecord.previous_secret_digest,
        ClientRecord.previous_secret_until,
        ClientRecord.sealed_secret,
        ClientRecord.previous_sealed_secret,
    ).where(ClientRecord.client_id == bindparam("client_id"), ClientRecord.disabled_at.is_(None))
)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A registration and the secret that is shown this once; None for clients without one."""

    record: ClientRecord
    client_secret: str | None = field(repr=False)


class Clients:
    """The registered clients, cached in the process; other nodes' changes show within a second."""

    def __init__(self, database: Database, ephemeral: Ephemeral, keyring: KeyRing) -> None:
        self._database = database
        self._keyring = keyring
        self._ephemeral = ephemeral
        self._cache: dict[str, tuple[str, datetime, Client | None]] = {}

    def find(self, client_id: str) -> Client | None:
        """The client; None if unknown or disabled."""
        now, version = utcnow(), self._ephemeral.version(_VERSION)
        cached = self._cache.get(client_id)
        if cached and cached[0] == version and cached[1] > now:
            return cached[2]
        with self._database.reading() as tx:
            row = tx.first(_LOOK_UP, client_id=client_id)
            client = self._client(tx, row) if row else None
        if client:  # Unknown names are not kept: anybody can invent them.
            self._cache[client_id] = (version, now + _CACHED_FOR, client)
        return client

    def portal(self) -> Client | None:
        """The portal: the first-party client registered first that a sign-in can be started at."""
        with self._database.reading() as tx:
            rows = tx.session.scalars(
                select(ClientRecord)
                .where(ClientRecord.is_first_party, ClientRecord.disabled_at.is_(None))
                .order_by(ClientRecord.created_at)
            )
            starters = (row for row in rows if row.client_metadata.get("initiate_login_uri"))
            first = next(starters, None)
            return self._client(tx, first) if first else None

    def all(self, tx: Transaction) -> list[ClientRecord]:
        """Every registration, oldest first."""
        return list(tx.session.scalars(select(ClientRecord).order_by(ClientRecord.created_at)))

    def register(
        self,
        tx: Transaction,
        document: object,
        *,
        by: Actor,
        is_dynamic: bool = False,
    ) -> Registered:
        """Register a client; raises Invalid naming each wrong metadata field.

        An operator's is first-party; one that registers itself gets a registration access token.
        """
        metadata, now = validate(document, is_dynamic=is_dynamic), utcnow()
        row = ClientRecord(
            client_id=random_id(),
            client_metadata=metadata,
            is_first_party=not is_dynamic,
            created_at=now,
            changed_at=now,
        )
        secret = self._give_secret(row)
        if metadata["subject_type"] == "pairwise":
            pairwise.ensure_key(tx, self._keyring)
        tx.session.add(row)
        tx.flush()
        record(tx, Event.CLIENT_REGISTERED, by=by, target_id=row.client_id)
        return Registered(record=row, client_secret=secret)

    def get(self, tx: Transaction, client_id: str) -> ClientRecord:
        """The registration, disabled or not; NotFound."""
        row = tx.session.get(ClientRecord, client_id)
        if row is None:
            raise NotFound("no_such_client", client_id=client_id)
        return row

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

    def changed(self) -> None:
        """Tell every node, after the commit, to read the registry again."""
        self._ephemeral.bump(_VERSION)

    def rewrap(self, tx: Transaction) -> int:
        """Seal what is sealed under the newest key-encryption key; how many were not yet."""
        count = pairwise.rewrap_key(tx, self._keyring)
        for row in tx.session.scalars(
            select(ClientRecord).where(ClientRecord.sealed_secret.is_not(None))
        ):
            count += rewrap_secrets(row, self._keyring)
        return count

    def _give_secret(self, row: ClientRecord) -> str | None:
        """A new secret where the client's method has one: its digest, or sealed for a MAC's use."""
        method = row.client_metadata["token_endpoint_auth_method"]
        secret = random_token() if method.startswith("client_secret_") else None
        row.secret_digest = digest(secret) if secret else None
        row.sealed_secret = None
        if secret and method == "client_secret_jwt":
            row.sealed_secret = seal_secret(self._keyring, row.client_id, secret)
        return secret

    def _client(self, tx: Transaction, row: Any) -> Client:
        metadata = {**DEFAULTS, **row.client_metadata}
        sector = None
        if metadata["subject_type"] == "pairwise":
            key = pairwise.read_key(tx, self._keyring)
            sector = Pairwise(sector=sector_of(metadata), key=key)
        return Client(
            client_id=row.client_id,
            metadata=metadata,
            is_first_party=row.is_first_party,
            secret_digest=row.secret_digest,
            previous_secret_digest=row.previous_secret_digest,
            previous_secret_until=row.previous_secret_until,
            sealed_secret=row.sealed_secret,
            previous_sealed_secret=row.previous_sealed_secret,
            pairwise=sector,
        )
