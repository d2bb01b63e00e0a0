"""How the service does, from what can be seen at once: the same for machines and for the operator.

Nobody has to say that they live: where something waits that nobody took up, nobody delivers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, select

from idp.audit import AuditRecord
from idp.errors import Unavailable
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.outbox_models import OutboxItem
from idp.foundation.parts import Parts
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.ring import SigningKeys

_TAKEN_UP = timedelta(minutes=1)
"""What nobody has touched for longer is waiting for a delivery process that is not there."""
_DELIVERED = timedelta(minutes=15)
"""What has waited longer to be sent is late: the other side is down, or we are too slow."""
_SEALED = timedelta(minutes=5)
"""An audit record unsealed for longer is late."""


class Part(StrEnum):
    """What is looked at; ``state.part.<value>`` is its name."""

    DATABASE = "database"
    REDIS = "redis"
    DELIVERY = "delivery"
    OUTBOX = "outbox"
    AUDIT = "audit"
    KEYS = "keys"


class Condition(StrEnum):
    """How a part does; ``state.condition.<value>`` says what it means and what to do."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    ABSENT = "absent"
    LATE = "late"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """How the whole does."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, kw_only=True)
class State:
    """What was found."""

    checks: dict[Part, Condition]
    backlog: outbox.Backlog | None
    """What waits to be sent; None where the database cannot tell."""
    unsealed_since: datetime | None = None
    """When the oldest audit record was written that is not sealed yet; None: all are."""

    @property
    def status(self) -> Status:
        """Without the database or a signing key nobody can be served; all else is bearable."""
        if any(self.checks[part] is not Condition.OK for part in (Part.DATABASE, Part.KEYS)):
            return Status.UNAVAILABLE
        is_well = all(condition is Condition.OK for condition in self.checks.values())
        return Status.READY if is_well else Status.DEGRADED


_UNSEALED_SINCE = Statement(
    select(func.min(AuditRecord.at).label("at")).where(AuditRecord.position.is_(None))
)
_UNTOUCHED = Statement(
    select(OutboxItem.id)
    .where(
        OutboxItem.state == "queued",
        OutboxItem.attempts == bindparam("none"),
        OutboxItem.due_at < bindparam("before"),
    )
    .limit(1)
)


def state(parts: Parts, signing_keys: SigningKeys) -> State:
    """Look at every part; a few small queries."""
    redis = Condition.UNREACHABLE if parts.ephemeral.is_degraded else Condition.OK
    try:
        with parts.database.reading() as tx:
            backlog, unsealed_since = outbox.backlog(tx), tx.first(_UNSEALED_SINCE).at
            is_delivering = _is_delivering(tx, unsealed_since)
        keys = _keys(signing_keys)
    except Unavailable:
        checks = dict.fromkeys(Part, Condition.UNKNOWN)
        checks |= {Part.DATABASE: Condition.UNREACHABLE, Part.REDIS: redis}
        return State(checks=checks, backlog=None)
    checks = {
        Part.DATABASE: Condition.OK,
        Part.REDIS: redis,
        Part.DELIVERY: Condition.OK if is_delivering else Condition.ABSENT,
        Part.OUTBOX: _in_time(backlog.oldest_at, _DELIVERED),
        Part.AUDIT: _in_time(unsealed_since, _SEALED),
        Part.KEYS: keys,
    }
    return State(checks=checks, backlog=backlog, unsealed_since=unsealed_since)


def _is_delivering(tx: Transaction, unsealed_since: datetime | None) -> bool:
    before = utcnow() - _TAKEN_UP
    if unsealed_since is not None and unsealed_since < before:
        return False
    return tx.first(_UNTOUCHED, none=0, before=before) is None


def _in_time(since: datetime | None, patience: timedelta) -> Condition:
    is_late = since is not None and utcnow() - since > patience
    return Condition.LATE if is_late else Condition.OK


def _keys(signing_keys: SigningKeys) -> Condition:
    ring, now = signing_keys.ring(), utcnow()
    try:
        for alg in SIGNING_ALGORITHMS:
            ring.active(alg, now)
    except Unavailable:
        return Condition.MISSING
    return Condition.OK
