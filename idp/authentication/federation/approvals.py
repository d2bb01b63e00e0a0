"""Links that wait for a main user's leave: asked for by an arrival, given, and used once.

A leave is bound to one connection, one upstream subject and one person (users-ask row 2).
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from idp.audit import Actor, Event, record
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.models import ConnectionRecord, LinkApproval
from idp.directory.unique import insert
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

LIVES = timedelta(days=14)
"""How long a leave waits for the arrival it is about."""
_MOST_SHOWN = 200


def ask(
    tx: Transaction,
    connection: Connection,
    subject: str,
    person_id: str,
    *,
    reason: str,
    reference: str,
) -> None:
    """Note that an arrival asks to be linked to the person; asking again only renews the note."""
    now = utcnow()
    row = LinkApproval(
        id=random_id(),
        connection_id=connection.id,
        subject=subject,
        person_id=person_id,
        reason=reason,
        reference=reference,
        requested_at=now,
        approved_by=None,
        approved_at=None,
        expires_at=now,
        used_at=None,
    )
    if insert(tx, row):
        return
    asked = tx.session.scalars(
        select(LinkApproval).where(
            LinkApproval.connection_id == connection.id,
            LinkApproval.subject == subject,
            LinkApproval.person_id == person_id,
        )
    ).one()
    asked.requested_at, asked.reference, asked.reason = now, reference, reason
    if asked.used_at is not None:
        asked.used_at = asked.approved_at = asked.approved_by = None


def waiting(tx: Transaction, organization_id: str) -> Sequence[LinkApproval]:
    """What waits for the organization's main users, the latest first."""
    return tx.session.scalars(
        select(LinkApproval)
        .join(ConnectionRecord, ConnectionRecord.id == LinkApproval.connection_id)
        .where(
            ConnectionRecord.organization_id == organization_id,
            LinkApproval.approved_at.is_(None),
        )
        .order_by(LinkApproval.requested_at.desc())
        .limit(_MOST_SHOWN)
    ).all()


def approve(tx: Transaction, organization_id: str, approval_id: str, *, by: Actor) -> LinkApproval:
    """Give leave; NotFound where it is not this organization's."""
    row = tx.session.scalar(
        select(LinkApproval)
        .join(ConnectionRecord, ConnectionRecord.id == LinkApproval.connection_id)
        .where(LinkApproval.id == approval_id, ConnectionRecord.organization_id == organization_id)
    )
    if row is None:
        raise NotFound
    if row.approved_at is None:
        row.approved_at, row.approved_by = utcnow(), f"{by.kind}:{by.id or ''}"
        row.expires_at = utcnow() + LIVES
        record(
            tx,
            Event.IDENTITY_LINK_APPROVED,
            by=by,
            organization_id=organization_id,
            target_id=row.person_id,
            connection=row.connection_id,
        )
    return row


def take(tx: Transaction, connection_id: str, subject: str) -> str | None:
    """Use up the leave that waits for this arrival; the person it is about, None without one."""
    row = tx.session.scalar(
        select(LinkApproval)
        .where(
            LinkApproval.connection_id == connection_id,
            LinkApproval.subject == subject,
            LinkApproval.approved_at.is_not(None),
            LinkApproval.used_at.is_(None),
            LinkApproval.expires_at > utcnow(),
        )
        .order_by(LinkApproval.approved_at.desc())
        .with_for_update()
        .limit(1)
    )
    if row is None:
        return None
    row.used_at = utcnow()
    return row.person_id
