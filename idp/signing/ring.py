"""The ring of signing keys: for each algorithm one active key, the next one published before it.

Which key is active follows from times in the table alone, so that every node agrees without asking;
where a node's clock is behind, the key that comes next serves rather than none.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select

from idp.audit import Actor
from idp.config import Settings
from idp.errors import Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Database, Statement, Transaction
from idp.foundation.ephemeral import Ephemeral
from idp.foundation.sealed import KeyRing
from idp.signing import rotation
from idp.signing.algorithms import SIGNING_ALGORITHMS, Key
from idp.signing.models import SigningKey

PUBLISHED_AHEAD = timedelta(hours=24)
"""How long relying parties can fetch a key before it signs."""
_LEEWAY = timedelta(hours=1)
_VERSION = "signing"
_REREAD = timedelta(seconds=60)
_TRIES = 10
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

Stage = Literal["next", "active", "retired"]
T = TypeVar("T")


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
        standing = [
            key
            for key in self.keys
            if key.alg == alg and (key.retired_at is None or key.retired_at > now)
        ]
        if not standing:
            raise Unavailable("no_signing_key")
        begun = [key for key in standing if key.active_from <= now]
        # None has begun where our clock is behind the node's that made the first key, or that
        # replaced a revoked one: the earliest to come already signs there.
        return begun[-1] if begun else standing[0]

    def stage(self, key: RingKey, now: datetime) -> Stage:
        """Where in its life a key is."""
        if key.retired_at and key.retired_at <= now:
            return "retired"
        if key.kid == self.active(key.alg, now).kid:
            return "active"
        return "next" if key.active_from > now else "retired"


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
        for alg in SIGNING_ALGORITHMS:
            newest = self.ring().newest(alg)
            if newest is None or self._is_due(newest.active_from):
                self._in_turn(self._turn_of(alg, by))
        self._remove_ended(utcnow())

    def _turn_of(self, alg: str, by: Actor) -> Callable[[Transaction], str | None]:
        """A key for ``alg`` if, by what the store says now, one is due."""
        made = rotation.new_key(alg, self._keyring)

        def turn(tx: Transaction) -> str | None:
            after = rotation.chain_end(tx, alg)
            now, newest = utcnow(), rotation.newest_active_from(tx, alg)
            if newest is None:
                return rotation.publish(tx, made, after, active_from=now, by=by)
            if self._is_due(newest):
                ahead = now + PUBLISHED_AHEAD
                return rotation.publish(tx, made, after, active_from=ahead, by=by)
            return None

        return turn

    def _is_due(self, active_from: datetime) -> bool:
        return active_from + self._lifetimes.signing_key - PUBLISHED_AHEAD <= utcnow()

    def rotate(self, alg: str, *, by: Actor) -> str:
        """Publish a new key for ``alg`` that takes over in a day; its kid."""
        made = rotation.new_key(alg, self._keyring)

        def turn(tx: Transaction) -> str:
            after, ahead = rotation.chain_end(tx, alg), utcnow() + PUBLISHED_AHEAD
            return rotation.publish(tx, made, after, active_from=ahead, by=by)

        return self._in_turn(turn)

    def revoke(self, kid: str, *, by: Actor) -> None:
        """Take a key out at once; NotFound. What it signed no longer verifies.

        Where it was the active one, a new key signs from this moment on. A key that never signed
        leaves the active one as it was.
        """
        self._in_turn(lambda tx: rotation.revoke(tx, self._keyring, kid, now=utcnow(), by=by))

    def opens(self, tx: Transaction) -> bool:
        """Whether the keys in ``keys/`` open every private half in the store."""
        return rotation.opens(tx, self._keyring)

    def rewrap(self, tx: Transaction) -> int:
        """Seal every private half under the newest key-encryption key; how many were not yet."""
        return rotation.rewrap(tx, self._keyring)

    def _in_turn(self, deed: Callable[[Transaction], T]) -> T:
        """Do it in a transaction of its own, anew where another node's deed came between."""
        for _ in range(_TRIES):
            try:
                with self._database.transaction() as tx:
                    done = deed(tx)
            except Conflict:
                continue
            self._changed()
            return done
        raise Unavailable

    def _changed(self) -> None:
        self._ephemeral.bump(_VERSION)
        self._ring = None

    def _remove_ended(self, now: datetime) -> None:
        """Take out what signed nothing that still counts.

        An ID token is shown again, as a hint at sign-out, for as long as its session may live.
        """
        lifetimes = self._lifetimes
        longest = max(lifetimes.id_token, lifetimes.access_token, lifetimes.session)
        with self._database.transaction() as tx:
            removed = rotation.remove_retired(tx, before=now - longest - _LEEWAY, at=now)
        if removed:
            self._changed()

    def _key(self, row: Any) -> RingKey:
        # A private half is opened once: checking an RSA key takes a tenth of a second.
        if row.kid not in self._opened:
            jwk = json.loads(rotation.open_private(self._keyring, row))
            self._opened[row.kid] = _KEY_TYPES[jwk["kty"]].import_key(jwk)
        return RingKey(
            kid=row.kid,
            alg=row.alg,
            public_jwk=row.public_jwk,
            active_from=row.active_from,
            retired_at=row.retired_at,
            private=self._opened[row.kid],
        )
