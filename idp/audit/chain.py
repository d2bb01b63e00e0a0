"""Sealing: what is committed gets a gapless position and a hash that covers all before it.

A record's hash is SHA-256 over the hash of the record before it (32 zero bytes before the first)
and the record's canonical JSON: names sorted, no spaces, ASCII. Whoever alters, removes or slips
in a sealed record must rewrite all that follows, and then its end is not the one noted elsewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Integer, bindparam, func, select, update

from idp.audit.models import AuditRecord
from idp.foundation.database import Database, Statement, Transaction

BATCH = 500
"""Records sealed in one transaction, or read at once: no lock is held long, memory stays small."""

_LOCK = 0x6175646974
"""The advisory lock of PostgreSQL that sealing takes turns on: "audit"."""

_TAKE_LOCK = Statement(select(func.pg_advisory_xact_lock(_LOCK).label("turn")))
_LAST = Statement(
    select(AuditRecord.position, AuditRecord.hash)
    .where(AuditRecord.position.is_not(None))
    .order_by(AuditRecord.position.desc())
    .limit(1)
)
_UNSEALED = Statement(
    select(*AuditRecord.__table__.columns)
    .where(AuditRecord.position.is_(None))
    .order_by(AuditRecord.at, AuditRecord.id)
    .limit(BATCH)
)
_UNSEALED_COUNT = Statement(
    select(func.count(AuditRecord.id).label("records")).where(AuditRecord.position.is_(None))
)
_SEALED = Statement(
    select(*AuditRecord.__table__.columns)
    .where(AuditRecord.position > bindparam("after"))
    .order_by(AuditRecord.position)
    .limit(bindparam("limit", type_=Integer))
)
_SEAL = (
    update(AuditRecord.__table__)  # type: ignore[arg-type]
    .where(AuditRecord.id == bindparam("record_id"))
    .values(position=bindparam("sealed_position"), hash=bindparam("sealed_hash"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A place in the chain: the position and the hash of the record there."""

    position: int
    hash: bytes


BEGINNING = Head(position=0, hash=bytes(32))


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What `verify` found."""

    checked: int
    """How many records hold."""
    unsealed: int
    """How many are written but not sealed yet."""
    head: Head
    """The last record that holds. Note it down elsewhere: only so does a cut-off end show."""
    broken_at: int | None = None
    """The first position that does not hold; None where all do."""
    problem: Literal["altered", "missing"] | None = None
    """What is wrong there."""


def seal(database: Database) -> int:
    """Seal all that is committed; returns how many records this call sealed.

    Safe on all nodes at once: they take turns, a batch each. A record whose deed commits later gets
    a later position, whenever it was written.
    """
    sealed = 0
    while count := _seal_batch(database):
        sealed += count
    return sealed


def _seal_batch(database: Database) -> int:
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.run(_TAKE_LOCK)
        head = last(tx)
        rows = []
        for record in tx.all(_UNSEALED):
            head = _following(head, record)
            rows.append(
                {"record_id": record.id, "sealed_position": head.position, "sealed_hash": head.hash}
            )
        if rows:
            tx.session.connection().execute(_SEAL, rows)
    return len(rows)


def last(tx: Transaction) -> Head:
    """The end of the chain."""
    row = tx.first(_LAST)
    return Head(position=row.position, hash=row.hash) if row else BEGINNING


def sealed_records(tx: Transaction, *, after: int) -> Iterator[Any]:
    """The sealed records after a position, in order, as rows with the columns of `AuditRecord`."""
    while rows := tx.all(_SEALED, after=after, limit=BATCH):
        yield from rows
        after = rows[-1].position


def verify(tx: Transaction, *, known: Head = BEGINNING) -> Verdict:
    """Compute the chain anew from ``known``, a head noted down before, until it ends or breaks."""
    unsealed = tx.first(_UNSEALED_COUNT).records
    head = known
    broken_at: int | None = None
    problem: Literal["altered", "missing"] | None = None
    end = last(tx)
    if end.position < known.position:
        broken_at, problem = end.position + 1, "missing"
    elif end.position == known.position and end.hash != known.hash:
        broken_at, problem = known.position, "altered"
    for record in sealed_records(tx, after=known.position):
        expected = _following(head, record)
        if record.position == expected.position and record.hash == expected.hash:
            head = expected
            continue
        broken_at = expected.position
        problem = "altered" if record.position == expected.position else "missing"
        break
    return Verdict(
        checked=head.position - known.position,
        unsealed=unsealed,
        head=head,
        broken_at=broken_at,
        problem=problem,
    )


def export(tx: Transaction, *, after: int = 0) -> Iterator[str]:
    """The sealed records as JSON lines: the canonical JSON of each with ``hash`` (hex) added."""
    for record in sealed_records(tx, after=after):
        yield _canonical({**_content(record, record.position), "hash": record.hash.hex()})


def _following(head: Head, record: Any) -> Head:
    position = head.position + 1
    text = _canonical(_content(record, position))
    return Head(position=position, hash=sha256(head.hash + text.encode()).digest())


def _content(record: Any, position: int) -> dict[str, Any]:
    """All that a hash covers: every column but the hash."""
    return {
        "actor_id": record.actor_id,
        "actor_kind": record.actor_kind,
        "at": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "detail": record.detail,
        "event": record.event,
        "id": record.id,
        "network": record.network,
        "organization_id": record.organization_id,
        "position": position,
        "reference": record.reference,
        "target_id": record.target_id,
    }


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
