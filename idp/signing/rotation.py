"""Keys in the store: made, published, retired, revoked, removed, each in the caller's transaction.

The keys of an algorithm form one chain: each names its predecessor, and no two the same. Nodes that
rotate at once therefore make one key; the others meet a Conflict and look again.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import aliased

from idp.audit import Actor, Event, record
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing, Unopenable
from idp.foundation.secrets import random_id
from idp.signing.algorithms import generate
from idp.signing.models import SigningKey

_SEAL = "signing key"
_DESTROYED = ""
"""What is left of the private half of a removed key."""
_SUCCESSOR = aliased(SigningKey)
_STANDING = select(SigningKey).where(SigningKey.removed_at.is_(None))
_CHAIN_END = Statement(
    select(SigningKey.kid).where(
        SigningKey.alg == bindparam("for_alg"),
        ~select(_SUCCESSOR.kid).where(_SUCCESSOR.predecessor == SigningKey.kid).exists(),
    )
)
_NEWEST = Statement(
    select(func.max(SigningKey.active_from).label("active_from")).where(
        SigningKey.alg == bindparam("for_alg"), SigningKey.removed_at.is_(None)
    )
)
_RETIRE = Statement(
    update(SigningKey)
    .where(
        SigningKey.alg == bindparam("for_alg"),
        SigningKey.kid != bindparam("successor"),
        or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > bindparam("at")),
    )
    .values(retired_at=bindparam("at"))
)
_REMOVE_RETIRED = Statement(
    update(SigningKey)
    .where(SigningKey.removed_at.is_(None), SigningKey.retired_at < bindparam("before"))
    .values(removed_at=bindparam("at"), sealed_private_jwk=_DESTROYED)
)
_REMOVE = Statement(
    update(SigningKey)
    .where(SigningKey.kid == bindparam("which"), SigningKey.removed_at.is_(None))
    .values(removed_at=bindparam("at"), retired_at=bindparam("at"), sealed_private_jwk=_DESTROYED)
)


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key pair that nobody knows yet."""

    kid: str
    alg: str
    public_jwk: dict[str, Any]
    sealed_private_jwk: str = field(repr=False)


def new_key(alg: str, keyring: KeyRing) -> NewKey:
    """Make one: outside of any transaction where possible, for it takes its time."""
    kid, private = random_id(), generate(alg)
    return NewKey(
        kid=kid,
        alg=alg,
        public_jwk={**private.as_dict(private=False), "kid": kid, "use": "sig", "alg": alg},
        sealed_private_jwk=keyring.seal(
            _SEAL, json.dumps(private.as_dict(private=True)).encode(), kid
        ),
    )


def newest_active_from(tx: Transaction, alg: str) -> datetime | None:
    """When the newest published key of ``alg`` takes over, or took; None before the first."""
    moment: datetime | None = tx.first(_NEWEST, for_alg=alg).active_from
    return moment


def chain_end(tx: Transaction, alg: str) -> str:
    """What the next key of ``alg`` has to name as its predecessor.

    Read it before whatever decides that a key is wanted: then nothing that another node does
    between the reading and the publishing goes unnoticed.
    """
    end = tx.first(_CHAIN_END, for_alg=alg)
    return end.kid if end else alg


def publish(tx: Transaction, made: NewKey, after: str, *, active_from: datetime, by: Actor) -> str:
    """Make ``made`` the chain's end, the others retired when it takes over; its kid.

    Conflict where another node's key already follows ``after``.
    """
    tx.session.add(
        SigningKey(
            kid=made.kid,
            alg=made.alg,
            predecessor=after,
            public_jwk=made.public_jwk,
            sealed_private_jwk=made.sealed_private_jwk,
            created_at=utcnow(),
            active_from=active_from,
        )
    )
    tx.flush()
    tx.run(_RETIRE, for_alg=made.alg, successor=made.kid, at=active_from)
    record(tx, Event.KEY_ROTATED, by=by, target_id=made.kid, alg=made.alg)
    return made.kid


def revoke(tx: Transaction, keyring: KeyRing, kid: str, *, now: datetime, by: Actor) -> None:
    """Remove a key at once, a new one active in its place if it was; NotFound."""
    key = tx.session.get(SigningKey, kid)
    if key is None or key.removed_at is not None:
        raise NotFound("no_such_key", kid=kid)
    is_retired = key.retired_at is not None and key.retired_at <= now
    if key.active_from > now and not is_retired:
        _give_back(tx, key)
    elif not is_retired:
        after = chain_end(tx, key.alg)
        publish(tx, new_key(key.alg, keyring), after, active_from=now, by=by)
    if not tx.run(_REMOVE, which=kid, at=now):
        raise NotFound("no_such_key", kid=kid)
    record(tx, Event.KEY_REVOKED, by=by, target_id=kid)


def _give_back(tx: Transaction, key: SigningKey) -> None:
    """Let the key before it go on until the one after it, if there is one yet, takes over."""
    before = tx.session.get(SigningKey, key.predecessor)
    if before and before.retired_at == key.active_from:
        before.retired_at = key.retired_at
        tx.flush()


def remove_retired(tx: Transaction, *, before: datetime, at: datetime) -> int:
    """Take out of the JWKS what retired before a moment; how many keys."""
    return tx.run(_REMOVE_RETIRED, before=before, at=at)


def open_private(keyring: KeyRing, row: Any) -> bytes:
    """The private half of a row, as JSON; Unopenable."""
    return keyring.unseal(_SEAL, row.sealed_private_jwk, row.kid)


def opens(tx: Transaction, keyring: KeyRing) -> bool:
    """Whether ``keyring`` opens every private half that is left."""
    try:
        for row in tx.session.scalars(_STANDING):
            open_private(keyring, row)
    except Unopenable:
        return False
    return True


def rewrap(tx: Transaction, keyring: KeyRing) -> int:
    """Seal published private halves under the newest key-encryption key; how many were not yet."""
    count = 0
    for row in tx.session.scalars(_STANDING):
        if not keyring.is_current(row.sealed_private_jwk):
            row.sealed_private_jwk = keyring.seal(_SEAL, open_private(keyring, row), row.kid)
            count += 1
    return count
