"""A linked person as their next arrival finds them: one read, and what is written each time.

Most arrivals are of people who are known and of whom nothing has changed; only the moments of the
arrival are written then.
"""

from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import aliased

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.models import ExternalIdentityRecord
from idp.directory.models import Membership, Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction

_OTHER = aliased(Membership)
_KNOWN = Statement(
    select(
        ExternalIdentityRecord.id.label("link_id"),
        ExternalIdentityRecord.person_id,
        Person.locale,
        Person.created_in,
        Person.locked_at.label("person_locked_at"),
        Person.given_name.label("own_given_name"),
        Person.family_name.label("own_family_name"),
        Membership.person_id.label("member_id"),
        Membership.locked_at.label("membership_locked_at"),
        Membership.given_name,
        Membership.family_name,
        Membership.email,
        Membership.title,
        Membership.unit,
        exists()
        .where(_OTHER.person_id == Person.id, _OTHER.organization_id != bindparam("organization"))
        .label("belongs_elsewhere"),
    )
    .join(Person, Person.id == ExternalIdentityRecord.person_id)
    .outerjoin(
        Membership,
        (Membership.person_id == Person.id)
        & (Membership.organization_id == bindparam("organization")),
    )
    .where(
        ExternalIdentityRecord.connection_id == bindparam("connection"),
        ExternalIdentityRecord.subject == bindparam("subject"),
        ExternalIdentityRecord.closed_at.is_(None),
    )
)
_ASSERTED = Statement(
    update(ExternalIdentityRecord)
    .where(ExternalIdentityRecord.id == bindparam("link"))
    .values(last_asserted_at=bindparam("now"))
)
_SYNCED = Statement(
    update(Membership)
    .where(
        Membership.person_id == bindparam("person"),
        Membership.organization_id == bindparam("organization"),
    )
    .values(source=bindparam("source"), synced_at=bindparam("now"))
)


def find(tx: Transaction, connection: Connection, subject: str) -> Any:
    """Who is linked to this upstream identity, with what they are in the organization; or None.

    ``member_id`` is None where they have left it.
    """
    return tx.first(
        _KNOWN,
        connection=connection.id,
        organization=connection.organization_id,
        subject=subject,
    )


def note(tx: Transaction, connection: Connection, row: Any) -> None:
    """Note that the connection has just vouched for them and supplies their profile."""
    now = utcnow()
    tx.run(_ASSERTED, link=row.link_id, now=now)
    tx.run(
        _SYNCED,
        person=row.person_id,
        organization=connection.organization_id,
        source=connection.title,
        now=now,
    )
