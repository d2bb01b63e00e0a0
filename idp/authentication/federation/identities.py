"""Who is linked to which upstream identity: found, opened, closed, and kept as history.

The key is ``(connection, subject)``; no name or address ever finds anybody here (design idea 4).
"""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select

from idp.audit import Actor, Event, record
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.directory.models import Organization
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

How = Literal["created", "organization", "approval", "proof"]


def serialize(tx: Transaction, organization_id: str) -> None:
    """Let first arrivals of one organization queue here; SQLite has one writer anyway."""
    organization = select(Organization.id).where(Organization.id == organization_id)
    tx.session.execute(organization.with_for_update(key_share=True))


def find(tx: Transaction, connection_id: str, subject: str) -> ExternalIdentityRecord | None:
    """The open link of this upstream identity."""
    return tx.session.scalar(
        select(ExternalIdentityRecord)
        .where(
            ExternalIdentityRecord.connection_id == connection_id,
            ExternalIdentityRecord.subject == subject,
            ExternalIdentityRecord.closed_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )


def of_person(
    tx: Transaction, person_id: str, organization_id: str
) -> Sequence[ExternalIdentityRecord]:
    """Every link that a person has or had in this organization, the latest first."""
    return tx.session.scalars(
        select(ExternalIdentityRecord)
        .join(ConnectionRecord, ConnectionRecord.id == ExternalIdentityRecord.connection_id)
        .where(
            ExternalIdentityRecord.person_id == person_id,
            ConnectionRecord.organization_id == organization_id,
        )
        .order_by(ExternalIdentityRecord.linked_at.desc())
    ).all()


def open_through(
    tx: Transaction, person_id: str, connection_id: str
) -> ExternalIdentityRecord | None:
    """The person's open link through this connection."""
    return tx.session.scalar(
        select(ExternalIdentityRecord).where(
            ExternalIdentityRecord.person_id == person_id,
            ExternalIdentityRecord.connection_id == connection_id,
            ExternalIdentityRecord.closed_at.is_(None),
        )
    )


def link(
    tx: Transaction, connection: Connection, subject: str, person_id: str, *, how: How, by: Actor
) -> None:
    """Link the person; their open link through the same connection is closed, and stays visible."""
    if before := open_through(tx, person_id, connection.id):
        close(tx, before, connection.organization_id, why="relinked", by=by)
    now = utcnow()
    row = ExternalIdentityRecord(
        id=random_id(),
        connection_id=connection.id,
        subject=subject,
        person_id=person_id,
        linked_by=f"{by.kind}:{by.id or ''}",
        linked_how=how,
        linked_at=now,
        last_asserted_at=now,
        closed_at=None,
        closed_why=None,
    )
    tx.session.add(row)
    tx.flush()
    record(
        tx,
        Event.IDENTITY_LINKED,
        by=by,
        organization_id=connection.organization_id,
        target_id=person_id,
        connection=connection.id,
        how=how,
    )


def close(
    tx: Transaction, row: ExternalIdentityRecord, organization_id: str, *, why: str, by: Actor
) -> None:
    """End a link; the row stays as history."""
    row.closed_at, row.closed_why = utcnow(), why
    tx.flush()
    record(
        tx,
        Event.IDENTITY_UNLINKED,
        by=by,
        organization_id=organization_id,
        target_id=row.person_id,
        connection=row.connection_id,
        why=why,
    )
