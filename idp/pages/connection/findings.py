"""What is known of one arrival, put into words for whoever looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from idp.authentication.federation import arrivals
from idp.authentication.federation.clocks import Clock, clock
from idp.authentication.federation.document import title
from idp.authentication.federation.models import Arrival, ConnectionRecord
from idp.authentication.federation.reasons import Reader, Reason, explain
from idp.pages.connection.products import product


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An arrival and what became of it; no value that came in."""

    reference: str
    at: datetime
    connection: str
    title: str
    product: str
    is_ok: bool
    is_test: bool
    reason: str
    text: str
    """What IT should know and do; empty where nothing was wrong."""
    operator_text: str
    expected: str
    received: str
    field: str
    clock: Clock | None
    attributes: Mapping[str, int]
    """The names that came in, and how many values each had."""


def finding(arrival: Arrival, row: ConnectionRecord, locale: str) -> Finding:
    """The arrival in words."""
    shape = arrival.shape
    expected, received = shape.get("expected", ""), shape.get("received", "")
    known = product(row.product)
    reason = Reason(arrival.reason) if arrival.reason in set(Reason) else None
    return Finding(
        reference=arrival.reference,
        at=arrival.at,
        connection=row.name,
        title=title(row.document),
        product=known.id if known else row.kind,
        is_ok=arrival.reason == arrivals.OK,
        is_test=arrival.is_test,
        reason=arrival.reason,
        text=explain(reason, Reader.IT, locale) if reason else "",
        operator_text=explain(reason, Reader.OPERATOR, locale) if reason else "",
        expected=expected,
        received=received,
        field=shape.get("field", ""),
        clock=clock(arrival.reason, expected, received),
        attributes={name: len(values) for name, values in shape.get("attributes", {}).items()},
    )
