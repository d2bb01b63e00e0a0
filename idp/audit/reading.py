"""Reading: what the main user, the operator and support ask of the log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from idp.audit.events import Event
from idp.audit.models import AuditRecord
from idp.foundation.database import Transaction

LONGEST_PAGE = 500


def read(
    tx: Transaction,
    *,
    organization_id: str | None,
    target_id: str | None = None,
    events: Sequence[Event] = (),
    reference: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[AuditRecord]:
    """The newest records that fit everything asked, newest first, sealed or not.

    ``organization_id`` None means all organizations and is the operator's alone. ``reference`` is
    as a person says it: case and spaces do not matter. ``since`` is included, ``until`` is not.
    ``before`` is the id of the last record of the page before this one.
    """
    exact = {
        "organization_id": organization_id,
        "target_id": target_id,
        "reference": None if reference is None else "".join(reference.split()).upper(),
    }
    place = tuple_(AuditRecord.at, AuditRecord.id)
    query = select(AuditRecord).filter_by(**{k: v for k, v in exact.items() if v is not None})
    if events:
        query = query.where(AuditRecord.event.in_(events))
    if since is not None:
        query = query.where(AuditRecord.at >= since)
    if until is not None:
        query = query.where(AuditRecord.at < until)
    if before is not None:
        last_seen = select(AuditRecord.at, AuditRecord.id).where(AuditRecord.id == before)
        query = query.where(place < last_seen.scalar_subquery())
    newest_first = query.order_by(AuditRecord.at.desc(), AuditRecord.id.desc())
    return list(tx.session.scalars(newest_first.limit(min(limit, LONGEST_PAGE))))
