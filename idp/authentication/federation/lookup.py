"""Connections as the ways in look them up: opened once, cached, another node's change seen soon."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from idp.authentication.federation import document as documents
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.models import ConnectionRecord
from idp.authentication.federation.policy import Policy
from idp.directory.models import Organization
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Statement, Transaction
from idp.foundation.ephemeral import Ephemeral
from idp.foundation.sealed import KeyRing

_VERSION = "connections"
_SEAL = "connection"
_CACHED_FOR = timedelta(seconds=60)

_READ = (
    select(
        ConnectionRecord.id,
        ConnectionRecord.organization_id,
        Organization.slug,
        Organization.name.label("organization_name"),
        Organization.suspended_at,
        ConnectionRecord.name,
        ConnectionRecord.kind,
        ConnectionRecord.product,
        ConnectionRecord.document,
        ConnectionRecord.sealed_secrets,
        ConnectionRecord.is_default,
        ConnectionRecord.enabled_at,
        ConnectionRecord.version,
    )
    .join(Organization, Organization.id == ConnectionRecord.organization_id)
    .order_by(ConnectionRecord.is_default.desc(), ConnectionRecord.name)
)
_OF_SLUG = Statement(_READ.where(Organization.slug == bindparam("slug")))
_OF_ID = Statement(_READ.where(ConnectionRecord.id == bindparam("connection")))


class Lookup:
    """The connections of one deployment, cached in the process."""

    def __init__(self, database: Database, ephemeral: Ephemeral, keyring: KeyRing) -> None:
        self._database = database
        self._ephemeral = ephemeral
        self._keyring = keyring
        self._cache: dict[str, tuple[str, datetime, tuple[Connection, ...]]] = {}

    def of(self, slug: str) -> tuple[Connection, ...]:
        """An organization's connections, the default first; empty where it has none, or is none."""
        now, version = utcnow(), self._ephemeral.version(_VERSION)
        cached = self._cache.get(slug)
        if cached and cached[0] == version and cached[1] > now:
            return cached[2]
        with self._database.reading() as tx:
            found = tuple(map(self._opened, tx.all(_OF_SLUG, slug=slug)))
        if found:  # Unknown names are not kept: anybody can invent them.
            self._cache[slug] = (version, now + _CACHED_FOR, found)
        return found

    def find(self, slug: str, name: str | None = None, kind: str | None = None) -> Connection:
        """The connection of that name, or the one the SSO link leads to; switched off ones too.

        Without a name: the default, or where that is off the first that is on. NotFound where
        there is none, or it is of another kind.
        """
        named = [each for each in self.of(slug) if name in (None, each.name)]
        open_first = sorted(named, key=lambda each: not each.is_enabled)
        found = next((each for each in open_first if kind in (None, each.kind)), None)
        if found is None:
            raise NotFound("no_such_connection")
        return found

    def uses_sso(self, slug: str) -> bool:
        """Whether people of that organization arrive through a connection that is switched on."""
        return any(each.is_enabled for each in self.of(slug))

    def changed(self) -> None:
        """Tell every node, after the commit, to read the connections again."""
        self._ephemeral.bump(_VERSION)

    def by_id(self, tx: Transaction, connection_id: str) -> Connection:
        """The connection as it stands in this transaction; NotFound."""
        row = tx.first(_OF_ID, connection=connection_id)
        if row is None:
            raise NotFound("no_such_connection")
        return self._opened(row)

    def secrets(self, row: ConnectionRecord) -> dict[str, str]:
        """The connection's secrets, opened; never for showing."""
        return opened_secrets(self._keyring, row.id, row.sealed_secrets)

    def rewrap(self, tx: Transaction) -> int:
        """Seal secrets under the newest key-encryption key; how many were not yet."""
        count = 0
        for row in tx.session.scalars(select(ConnectionRecord)):
            if not self._keyring.is_current(row.sealed_secrets):
                row.sealed_secrets = self._seal(row.id, self.secrets(row))
                count += 1
        return count

    def _seal(self, connection_id: str, secrets: Mapping[str, str]) -> str:
        return self._keyring.seal_json(_SEAL, dict(secrets), connection_id)

    def _opened(self, row: Any) -> Connection:
        return Connection(
            id=row.id,
            organization_id=row.organization_id,
            slug=row.slug,
            organization_name=row.organization_name,
            name=row.name,
            kind=row.kind,
            product=row.product,
            document=row.document,
            secrets=opened_secrets(self._keyring, row.id, row.sealed_secrets),
            mapping=documents.mapping(row.document),
            policy=Policy.model_validate(row.document["policy"]),
            is_default=row.is_default,
            is_enabled=row.enabled_at is not None,
            is_suspended=row.suspended_at is not None,
            version=row.version,
        )


def opened_secrets(keyring: KeyRing, connection_id: str, sealed: str) -> dict[str, str]:
    """A connection's secrets, opened; never for showing."""
    return keyring.unseal_json(_SEAL, sealed, connection_id)
