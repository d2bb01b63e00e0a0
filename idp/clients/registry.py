"""The registry of clients: the cached look-up of the hot ways, and what `Registrations` writes."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from idp.clients import pairwise
from idp.clients.client import Client
from idp.clients.metadata import DEFAULTS
from idp.clients.models import ClientRecord
from idp.clients.pairwise import Pairwise, sector_of
from idp.clients.registrations import Registrations, is_identifier
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Statement, Transaction
from idp.foundation.ephemeral import Ephemeral
from idp.foundation.sealed import KeyRing

_VERSION = "clients"
_CACHED_FOR = timedelta(seconds=60)

_READ = select(
    ClientRecord.client_id,
    ClientRecord.client_metadata,
    ClientRecord.is_first_party,
    ClientRecord.secret_digest,
    ClientRecord.previous_secret_digest,
    ClientRecord.previous_secret_until,
    ClientRecord.sealed_secret,
    ClientRecord.previous_sealed_secret,
).where(ClientRecord.disabled_at.is_(None))
_LOOK_UP = Statement(_READ.where(ClientRecord.client_id == bindparam("client_id")))
_FIRST_PARTY = Statement(_READ.where(ClientRecord.is_first_party).order_by(ClientRecord.created_at))


class Clients(Registrations):
    """The registered clients, cached in the process; other nodes' changes show within a second."""

    def __init__(self, database: Database, ephemeral: Ephemeral, keyring: KeyRing) -> None:
        super().__init__(keyring)
        self._database = database
        self._ephemeral = ephemeral
        self._cache: dict[str, tuple[str, datetime, Client | None]] = {}
        self._portal: tuple[str, datetime, Client | None] | None = None

    def find(self, client_id: str) -> Client | None:
        """The client; None if unknown or disabled."""
        if not is_identifier(client_id):
            return None  # What no store takes for a text cannot be one of ours either.
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
        now, version = utcnow(), self._ephemeral.version(_VERSION)
        if self._portal and self._portal[0] == version and self._portal[1] > now:
            return self._portal[2]
        with self._database.reading() as tx:
            rows = tx.all(_FIRST_PARTY)
            starters = (row for row in rows if row.client_metadata.get("initiate_login_uri"))
            first = next(starters, None)
            portal = self._client(tx, first) if first else None
        self._portal = (version, now + _CACHED_FOR, portal)
        return portal

    def changed(self) -> None:
        """Tell every node, after the commit, to read the registry again."""
        self._ephemeral.bump(_VERSION)

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
