"""The outbox as a queue in the database: put in, claimed, postponed, settled.

A claim moves the item's due time on, to the end of the claimer's lease, in one conditional update:
no two workers hold an item at once, on threads or on nodes, and a dead one's claim runs out.

Items of one kind go in one lane, or each receiver's in a lane of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, delete, func, insert, select, update

from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.outbox_models import OutboxItem
from idp.foundation.secrets import random_id

LEASE = timedelta(minutes=2)
"""How long a claimed item is one worker's: longer than sending takes, short enough to wait for."""

_NEW = (
    "id",
    "kind",
    "lane",
    "payload",
    "organization_id",
    "person_id",
    "state",
    "created_at",
    "due_at",
    "attempts",
)
_PUT = Statement(insert(OutboxItem).values({name: bindparam(name) for name in _NEW}))
_DUE_LANES = Statement(
    select(OutboxItem.kind, OutboxItem.lane)
    .where(OutboxItem.state == "queued", OutboxItem.due_at <= bindparam("now"))
    .distinct()
)
_LONGEST_DUE = (
    select(OutboxItem.id)
    .where(
        OutboxItem.state == "queued",
        OutboxItem.kind == bindparam("wanted"),
        OutboxItem.lane == bindparam("of_lane"),
        OutboxItem.due_at <= bindparam("now"),
    )
    .order_by(OutboxItem.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = Statement(
    update(OutboxItem)
    .where(OutboxItem.id == _LONGEST_DUE)
    .values(due_at=bindparam("lease_ends"), attempts=OutboxItem.attempts + 1)
    .returning(
        OutboxItem.id,
        OutboxItem.kind,
        OutboxItem.payload,
        OutboxItem.organization_id,
        OutboxItem.person_id,
        OutboxItem.created_at,
        OutboxItem.attempts,
    )
)
_POSTPONE = Statement(
    update(OutboxItem)
    .where(
        OutboxItem.id == bindparam("item"),
        OutboxItem.state == "queued",
        OutboxItem.attempts == bindparam("attempt"),
    )
    .values(due_at=bindparam("until"), problem=bindparam("why"))
)
_HOLD = Statement(
    update(OutboxItem)
    .where(
        OutboxItem.state == "queued",
        OutboxItem.kind == bindparam("wanted"),
        OutboxItem.lane == bindparam("of_lane"),
        OutboxItem.due_at < bindparam("until"),
    )
    .values(due_at=bindparam("until"))
)
_SETTLE = Statement(
    update(OutboxItem)
    .where(OutboxItem.id == bindparam("item"), OutboxItem.state == "queued")
    .values(state=bindparam("fate"), problem=bindparam("why"), finished_at=bindparam("now"))
)
_BACKLOG = Statement(
    select(
        func.count(OutboxItem.id).label("waiting"),
        func.min(OutboxItem.created_at).label("oldest_at"),
    ).where(OutboxItem.state == "queued")
)
_FORGET = Statement(delete(OutboxItem).where(OutboxItem.finished_at < bindparam("before")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One thing to send."""

    id: str
    kind: str
    payload: dict[str, Any] = field(repr=False)
    organization_id: str | None
    person_id: str | None
    created_at: datetime
    attempts: int
    """Tries begun, this one included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What waits to be sent."""

    waiting: int
    oldest_at: datetime | None
    """When the oldest of it was put in; None where nothing waits."""


def put(
    tx: Transaction,
    kind: str,
    payload: dict[str, Any],
    *,
    lane: str = "",
    organization_id: str | None = None,
    person_id: str | None = None,
) -> str:
    """Put something in to be sent once ``tx`` has committed; returns the item's id.

    ``payload`` is JSON without secrets: ids, from which the sender makes what it needs. ``lane``
    is whom it is for, where the kind has many receivers and any of them may hang.
    """
    item_id, now = random_id(), utcnow()
    tx.run(
        _PUT,
        id=item_id,
        kind=kind,
        lane=lane,
        payload=payload,
        organization_id=organization_id,
        person_id=person_id,
        state="queued",
        created_at=now,
        due_at=now,
        attempts=0,
    )
    return item_id


def due_lanes(tx: Transaction) -> list[tuple[str, str]]:
    """The kinds and lanes in which something is due."""
    return [(row.kind, row.lane) for row in tx.all(_DUE_LANES, now=utcnow())]


def claim(tx: Transaction, kind: str, lane: str = "") -> Item | None:
    """Take the item of this kind and lane that is due longest; None where none is due."""
    now = utcnow()
    row = tx.first(_CLAIM, wanted=kind, of_lane=lane, now=now, lease_ends=now + LEASE)
    return Item(**row._asdict()) if row else None


def postpone(tx: Transaction, item: Item, problem: str | None, *, until: datetime) -> None:
    """Have the item tried again, unless another worker has claimed it since."""
    tx.run(_POSTPONE, item=item.id, attempt=item.attempts, until=until, why=problem)


def hold(tx: Transaction, kind: str, lane: str, *, until: datetime) -> None:
    """Have nothing of the lane tried before a moment: its receiver is down."""
    tx.run(_HOLD, wanted=kind, of_lane=lane, until=until)


def settle(
    tx: Transaction, item: Item, fate: Literal["sent", "bounced", "failed"], problem: str | None
) -> bool:
    """Take the item out of the queue; whether it still was in it."""
    return tx.run(_SETTLE, item=item.id, fate=fate, why=problem, now=utcnow()) == 1


def backlog(tx: Transaction) -> Backlog:
    """How much waits, and since when: for the health page and the metrics."""
    row = tx.first(_BACKLOG)
    return Backlog(waiting=row.waiting, oldest_at=row.oldest_at)


def forget(tx: Transaction, *, before: datetime) -> int:
    """Remove what left the queue before a moment; returns how many items that were."""
    return tx.run(_FORGET, before=before)
