"""Which records of the audit log an organization sees.

Its own: those that name it. What happens to an account outside of any organization (signing in,
passwords, confirming an address) names none. Such records are the organization's business in two
cases: of one person, where the account opens nothing else and so is within its main users' reach;
and under one reference, which the person has read to the main user from an error page (M16),
for everybody who belongs here. They are not in the list of everything: ten thousand people's
sign-ins would drown what the list is for, and searching them for one organization would be slow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, tuple_

from idp.audit import AuditRecord, Event
from idp.directory.models import Membership
from idp.foundation.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of the log; None and empty ask for nothing in particular."""

    reference: str | None = None
    """As the person read it out: case and spaces do not matter."""
    person_id: str | None = None
    is_account_ours: bool = False
    """Whether the person's account opens nothing but this organization."""
    events: Sequence[Event] = ()
    before: str | None = None
    """The id of the last record of the page before this one."""


def find(
    tx: Transaction, organization_id: str, asked: Question, *, limit: int
) -> list[AuditRecord]:
    """The newest records that fit everything asked, newest first."""
    conditions = [_is_seen(organization_id, asked)]
    if asked.reference:
        conditions.append(AuditRecord.reference == "".join(asked.reference.split()).upper())
    if asked.person_id:
        conditions.append(AuditRecord.target_id == asked.person_id)
    if asked.events:
        conditions.append(AuditRecord.event.in_([event.value for event in asked.events]))
    if asked.before:
        last_seen = select(AuditRecord.at, AuditRecord.id).where(AuditRecord.id == asked.before)
        place = tuple_(AuditRecord.at, AuditRecord.id)
        conditions.append(place < last_seen.scalar_subquery())
    newest_first = (AuditRecord.at.desc(), AuditRecord.id.desc())
    query = select(AuditRecord).where(*conditions).order_by(*newest_first).limit(limit)
    return list(tx.session.scalars(query))


def _is_seen(organization_id: str, asked: Question) -> ColumnElement[bool]:
    is_own = AuditRecord.organization_id == organization_id
    names_none = AuditRecord.organization_id.is_(None)
    if asked.reference:
        members = select(Membership.person_id).where(Membership.organization_id == organization_id)
        return is_own | (names_none & AuditRecord.target_id.in_(members))
    if asked.person_id and asked.is_account_ours:
        return is_own | names_none
    return is_own
