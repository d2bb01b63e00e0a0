"""The facts that a cut-over is judged by, read from the store."""

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from idp.authentication.federation.cutover import Member
from idp.authentication.federation.models import ExternalIdentityRecord, LinkApproval
from idp.directory.models import Membership, Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction


def members(tx: Transaction, organization_id: str, connection_id: str) -> list[Member]:
    """Everybody of the organization, by username."""
    other = aliased(Membership)
    linked = exists().where(
        ExternalIdentityRecord.person_id == Person.id,
        ExternalIdentityRecord.connection_id == connection_id,
        ExternalIdentityRecord.closed_at.is_(None),
    )
    approved = exists().where(
        LinkApproval.person_id == Person.id,
        LinkApproval.connection_id == connection_id,
        LinkApproval.approved_at.is_not(None),
        LinkApproval.used_at.is_(None),
        LinkApproval.expires_at > utcnow(),
    )
    elsewhere = exists().where(
        other.person_id == Person.id, other.organization_id != organization_id
    )
    rows = tx.session.execute(
        select(
            Person.id,
            Person.username_key,
            Person.created_in,
            Person.locked_at,
            Membership.locked_at.label("membership_locked_at"),
            linked.label("is_linked"),
            approved.label("is_approved"),
            elsewhere.label("is_elsewhere"),
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organization_id == organization_id)
        .order_by(Person.username_key)
    )
    return [
        Member(
            person_id=row.id,
            username_key=row.username_key,
            is_created_here=row.created_in == organization_id,
            is_linked=bool(row.is_linked),
            is_approved=bool(row.is_approved),
            is_elsewhere=bool(row.is_elsewhere),
            is_locked=row.locked_at is not None or row.membership_locked_at is not None,
        )
        for row in rows
    ]
