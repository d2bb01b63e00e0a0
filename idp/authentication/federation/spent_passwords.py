"""Passwords that nothing opens any more, deleted once switching on cannot be undone (M10).

While single sign-on is on, passwords are suspended; for `cutover.UNDO` that can be taken back and
they work again. After that a password is kept where it is of use: by the main user who keeps one
for emergencies, by operators, by whoever belongs to an organization that asks for it, and by who
has yet to arrive by single sign-on, for a password may be what proves an account theirs.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select

from idp.audit import SYSTEM, Event, record
from idp.authentication.federation.cutover import UNDO
from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.authentication.models import Credential
from idp.directory.models import Membership, Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Transaction

_EVERY = timedelta(hours=1)
_BATCH = 200
"""Passwords of one transaction."""


class SpentPasswords:
    """Looks for them now and then; any number of nodes may."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at: datetime | None = None

    def tick(self) -> None:
        """Delete what is of no use any more; at most once an hour on each node."""
        now = utcnow()
        if self._looked_at is not None and now - self._looked_at < _EVERY:
            return
        is_more = True
        while is_more:
            with self._database.transaction() as tx:
                is_more = forget(tx, now) == _BATCH
        self._looked_at = now


def forget(tx: Transaction, now: datetime) -> int:
    """Delete a batch, each with its record; how many there were."""
    until = now - UNDO
    arrives = exists().where(
        ExternalIdentityRecord.person_id == Membership.person_id,
        ExternalIdentityRecord.closed_at.is_(None),
        ConnectionRecord.id == ExternalIdentityRecord.connection_id,
        ConnectionRecord.organization_id == Membership.organization_id,
        ConnectionRecord.enabled_at <= until,
    )
    member = exists().where(Membership.person_id == Person.id)
    found = tx.session.scalars(
        select(Credential.person_id)
        .join(Person, Person.id == Credential.person_id)
        .where(
            ~Person.is_operator,
            Credential.changed_at <= until,
            member,
            ~member.where(Membership.keeps_password | ~arrives),
        )
        .order_by(Credential.person_id)
        .limit(_BATCH)
    ).all()
    gone = tx.session.scalars(
        delete(Credential)
        .where(Credential.person_id.in_(found), Credential.changed_at <= until)
        .returning(Credential.person_id)
    ).all()
    for person_id in gone:
        record(tx, Event.PASSWORD_DELETED, by=SYSTEM, target_id=person_id)
    return len(gone)
