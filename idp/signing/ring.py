"""The ring of signing keys: for each algorithm one active key, the next one published before it.

Which key is active follows from times in the table alone: the newest whose ``active_from`` has come
and that is neither retired nor removed. Each key names its predecessor, uniquely: any number of
nodes that rotate at once make one key.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import bindparam, select, update

from idp.audit import Actor, Event, record
from idp.config import Settings
from idp.errors import NotFound, Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Database, Statement, Transaction
from idp.foundation.ephemeral import Ephemeral
from idp.foundation.sealed import KeyRing, Unopenable
from idp.foundation.secrets import random_id
from idp.signing.algorithms import SIGNING_ALGORITHMS, Key, generate
from idp.signing.models import SigningKey

PUBLISHED_AHEAD = timedelta(hours=24)
"""How long relying parties can fetch a key before it signs."""
_SEAL = "signing key"
_VERSION = "signing"
_REREAD = timedelta(seconds=60)
_KEY_TYPES: dict[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}

_PUBLISHED = Statement(
    select(
        SigningKey.kid,
        SigningKey.alg,
        SigningKey.public_jwk,
        SigningKey.sealed_private_jwk,
        SigningKey.created_at,
        SigningKey.active_from,
        SigningKey.retired_at,
    )
    .where(SigningKey.removed_at.is_(None))
    .order_by(SigningKey.active_from, SigningKey.kid)
)
_RETIRE = Statement(
    update(SigningKey)
    .where(
        SigningKey.alg == bindparam("for_alg"),
        SigningKey.kid != bindparam("successor"),
        SigningKey.retired_at.is_(None),
    )
    .values(retired_at=bindparam("at"))
)
_REMOVE_RETIRED = Statement(
    update(SigningKey)
    .where(SigningKey.removed_at.is_(None), SigningKey.retired_at < bindparam("before"))
    .values(removed_at=bindparam("at"))
)
_REMOVE = Statement(
    update(SigningKey)
    .where(SigningKey.kid == bindparam("which"), SigningKey.removed_at.is_(None))
    .values(removed_at=bindparam("at"), retired_at=bindparam("at"))
)


@dataclass(frozen=True, kw_only=True)
class RingKey:
    """One published key; ``private`` can sign."""

    kid: str
    alg: str
    public_jwk: dict[str, Any]
    active_from: datetime
    retired_at: datetime | None
    private: Key = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Ring:
    """The published keys as they were read; cheap to ask, stale at ``stale_at`` at the latest."""

    keys: tuple[RingKey, ...]
    version: str
    stale_at: datetime

    def newest(self, alg: str) -> RingKey | None:
        """The key of ``alg`` that is, or will be, active last; None before the first."""
        return next((key for key in reversed(self.keys) if key.alg == alg), None)

    def active(self, alg: str, now: datetime) -> RingKey:
        """The key that signs ``alg`` now; Unavailable if the ring was never made."""
        active = [
            key
            for key in self.keys
            if key.alg == alg
            and key.active_from <= now
            and (key.retired_at is None or key.retired_at > now)
        ]
        if not active:
            raise Unavailable("no_signing_key")
        return active[-1]


class SigningKeys:
    """The ring of one deployment, cached in the process and reread when another node changed it."""

    def __init__(
        self, settings: Settings, database: Database, keyring: KeyRing, ephemeral: Ephemeral
    ) -> None:
        self._lifetimes = settings.lifetimes
        self._database = database
        self._keyring = keyring
        self._ephemeral = ephemeral
        self._ring: Ring | None = None
        self._opened: dict[str, Key] = {}

    def ring(self) -> Ring:
        """The keys in force, at most a second behind any other node's change."""
        now = utcnow()
        version = self._ephemeral.version(_VERSION)
        if self._ring is None or self._ring.version != version or self._ring.stale_at <= now:
            with self._database.reading() as tx:
                keys = tuple(self._key(row) for row in tx.all(_PUBLISHED))
            self._ring = Ring(keys=keys, version=version, stale_at=now + _REREAD)
        return self._ring

    def active(self, alg: str) -> RingKey:
        """The key that signs ``alg`` now."""
        return self.ring().active(alg, utcnow())

    def jwks(self) -> dict[str, Any]:
        """The published keys as a JWK set (RFC 7517 section 5)."""
        return {"keys": [key.public_jwk for key in self.ring().keys]}

    def tick(self, *, by: Actor) -> None:
        """Publish the next key a day before it is due, retire and remove; safe on every node."""
        now = utcnow()
        for alg in SIGNING_ALGORITHMS:
            newest = self.ring().newest(alg)
            if newest is None:
                self._make(alg, active_from=now, by=by)
            elif newest.active_from + self._lifetimes.signing_key - PUBLISHED_AHEAD <= now:
                self._make(alg, active_from=now + PUBLISHED_AHEAD, by=by)
        self._remove_retired(now)

    def rotate(self, alg: str, *, by: Actor) -> str:
        """Publish a new key for ``alg`` that takes over in a day; its kid."""
        return self._make(alg, active_from=utcnow() + PUBLISHED_AHEAD, by=by)

    def revoke(self, kid: str, *, by: Actor) -> None:
        """Take a key out at once, a new one in its place; what it signed no longer verifies."""
        now = utcnow()
        key = next((key for key in self.ring().keys if key.kid == kid), None)
        if key is None:
            raise NotFound("no_such_key", kid=kid)
        self._make(key.alg, active_from=now, by=by)
        with self._database.transaction() as tx:
            tx.run(_REMOVE, which=kid, at=now)
            record(tx, Event.KEY_REVOKED, by=by, target_id=kid)
        self._ephemeral.bump(_VERSION)

    def opens(self, tx: Transaction) -> bool:
        """Whether the keys in ``keys/`` open every private half in the store."""
        try:
            for row in tx.session.scalars(select(SigningKey)):
                self._keyring.unseal(_SEAL, row.sealed_private_jwk, row.kid)
        except Unopenable:
            return False
        return True

    def rewrap(self, *, by: Actor) -> int:
        """Seal every private half under the newest key-encryption key; how many were not yet."""
        count = 0
        with self._database.transaction() as tx:
            for row in tx.session.scalars(
                select(SigningKey).where(SigningKey.removed_at.is_(None))
            ):
                if not self._keyring.is_current(row.sealed_private_jwk):
                    opened = self._keyring.unseal(_SEAL, row.sealed_private_jwk, row.kid)
                    row.sealed_private_jwk = self._keyring.seal(_SEAL, opened, row.kid)
                    count += 1
            record(tx, Event.KEYS_REWRAPPED, by=by, count=count)
        return count

    def _make(self, alg: str, *, active_from: datetime, by: Actor) -> str:
        """Insert the newest key's successor; where another node just did, that one is enough."""
        newest = self.ring().newest(alg)
        kid, private = random_id(), generate(alg)
        public = {**private.as_dict(private=False), "kid": kid, "use": "sig", "alg": alg}
        sealed = self._keyring.seal(_SEAL, json.dumps(private.as_dict(private=True)).encode(), kid)
        key = SigningKey(
            kid=kid,
            alg=alg,
            predecessor=newest.kid if newest else alg,
            public_jwk=public,
            sealed_private_jwk=sealed,
            created_at=utcnow(),
            active_from=active_from,
        )
        with suppress(Conflict), self._database.transaction() as tx:
            tx.session.add(key)
            tx.run(_RETIRE, for_alg=alg, successor=kid, at=active_from)
            record(tx, Event.KEY_ROTATED, by=by, target_id=kid, alg=alg)
        self._ephemeral.bump(_VERSION)
        self._ring = None
        return kid

    def _remove_retired(self, now: datetime) -> None:
        longest = max(self._lifetimes.id_token, self._lifetimes.access_token)
        with self._database.transaction() as tx:
            removed = tx.run(_REMOVE_RETIRED, before=now - longest - timedelta(hours=1), at=now)
        if removed:
            self._ephemeral.bump(_VERSION)

    def _key(self, row: Any) -> RingKey:
        # A private half is opened once: checking an RSA key takes a tenth of a second.
        if row.kid not in self._opened:
            jwk = json.loads(self._keyring.unseal(_SEAL, row.sealed_private_jwk, row.kid))
            self._opened[row.kid] = _KEY_TYPES[jwk["kty"]].import_key(jwk)
        return RingKey(
            kid=row.kid,
            alg=row.alg,
            public_jwk=row.public_jwk,
            active_from=row.active_from,
            retired_at=row.retired_at,
            private=self._opened[row.kid],
        )
