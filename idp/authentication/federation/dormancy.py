"""Who is dormant: no arrival has confirmed them for as long as their connection's policy says.

A dormant person gets no mail from us; arriving wakes them, for it is the arrivals that are counted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

_OPEN = (
    select(
        ExternalIdentityRecord.person_id,
        ExternalIdentityRecord.last_asserted_at,
        ConnectionRecord.document,
    )
    .join(ConnectionRecord, ConnectionRecord.id == ExternalIdentityRecord.connection_id)
    .where(ExternalIdentityRecord.closed_at.is_(None))
    .order_by(ExternalIdentityRecord.last_asserted_at)
)


def is_dormant(tx: Transaction, person_id: str) -> bool:
    """Whether every link that the person has is dormant; not where they have none."""
    rows = tx.session.execute(_OPEN.where(ExternalIdentityRecord.person_id == person_id)).all()
    return bool(rows) and all(_has_lapsed(row, utcnow()) for row in rows)


def of_organization(tx: Transaction, organization_id: str) -> Sequence[tuple[str, datetime]]:
    """The organization's dormant people and when each arrived last, the longest gone first."""
    rows = tx.session.execute(_OPEN.where(ConnectionRecord.organization_id == organization_id))
    now = utcnow()
    return [(row.person_id, row.last_asserted_at) for row in rows if _has_lapsed(row, now)]


def _has_lapsed(row: Any, now: datetime) -> bool:
    patience = timedelta(days=row.document["policy"]["dormant_after_days"])
    return bool(row.last_asserted_at + patience <= now)
