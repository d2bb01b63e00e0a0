"""What came in through a connection, kept as a masked shape: the last few arrivals of each.

No value is kept: of each attribute its name, how many values it had, and of each value a
fingerprint that only tells equal from different. A refusal keeps what was expected and received.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, delete, insert, select

from idp.authentication.federation.mapping import Attributes
from idp.authentication.federation.models import Arrival
from idp.authentication.federation.reasons import FederationRefused
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing

MOST_KEPT = 200
"""Arrivals kept of one connection; the oldest go first."""
OK = "ok"
_MOST_ATTRIBUTES, _MOST_VALUES, _FINGERPRINT = 60, 5, 12

_INSERT = Statement(
    insert(Arrival).values(
        {
            name: bindparam(name)
            for name in ("reference", "connection_id", "at", "reason", "is_test", "shape")
        }
    )
)
_OLDEST_KEPT = (
    select(Arrival.at)
    .where(Arrival.connection_id == bindparam("connection"))
    .order_by(Arrival.at.desc())
    .offset(bindparam("newer", type_=Integer))
    .limit(1)
    .scalar_subquery()
)
_FORGET = Statement(
    delete(Arrival).where(
        Arrival.connection_id == bindparam("connection"), Arrival.at < _OLDEST_KEPT
    )
)


def shape(keyring: KeyRing, connection_id: str, attributes: Attributes) -> dict[str, list[str]]:
    """Names and fingerprints; equal values of one connection's attribute have equal ones."""

    def fingerprint(name: str, value: str) -> str:
        if not value:
            return ""
        return keyring.authenticate("arrival", f"{connection_id}\n{name}\n{value}")[:_FINGERPRINT]

    return {
        name[:200]: [fingerprint(name, value) for value in list(values)[:_MOST_VALUES]]
        for name, values in list(attributes.items())[:_MOST_ATTRIBUTES]
    }


def note(
    tx: Transaction,
    connection_id: str,
    *,
    reference: str,
    attributes: Mapping[str, list[str]],
    refusal: FederationRefused | None = None,
    is_test: bool = False,
    rehearsed: Mapping[str, Any] | None = None,
) -> None:
    """Keep what came of an arrival under the reference that the person reads.

    ``rehearsed`` is what a test found out: masked values, and what would have been done.
    """
    seen: dict[str, Any] = {"attributes": dict(attributes), **(rehearsed or {})}
    if refusal:
        pair = {"expected": refusal.expected, "received": refusal.received, "field": refusal.field}
        seen |= {name: value for name, value in pair.items() if value}
    tx.run(
        _INSERT,
        reference=reference,
        connection_id=connection_id,
        at=utcnow(),
        reason=refusal.reason.value if refusal else OK,
        is_test=is_test,
        shape=seen,
    )
    tx.run(_FORGET, connection=connection_id, newer=MOST_KEPT - 1)


def latest(tx: Transaction, connection_id: str, most: int = MOST_KEPT) -> Sequence[Arrival]:
    """A connection's latest arrivals, the newest first."""
    return tx.session.scalars(
        select(Arrival)
        .where(Arrival.connection_id == connection_id)
        .order_by(Arrival.at.desc(), Arrival.reference)
        .limit(most)
    ).all()


def by_reference(tx: Transaction, reference: str) -> Arrival | None:
    """The arrival with that reference; None where none is kept."""
    return tx.session.get(Arrival, reference)
