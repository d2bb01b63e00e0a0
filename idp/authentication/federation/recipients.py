"""Who is told by mail about an organization's single sign-on, and in which language.

Its main users and IT persons; of what an operator has to keep an eye on as well, every operator who
has an address, and the settings' support contact where none of them has one.
"""

from typing import Any

from sqlalchemy import or_, select

from idp.config import Settings
from idp.directory.models import Membership, Organization, Person
from idp.foundation import outbox
from idp.foundation.database import Transaction


def of_organization(tx: Transaction, organization_id: str) -> list[str]:
    """The main users and IT persons who have an address."""
    query = (
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organization_id == organization_id,
            Membership.locked_at.is_(None),
            or_(Membership.is_main_user, Membership.is_it_admin),
            or_(Person.email.is_not(None), Membership.email.is_not(None)),
        )
        .order_by(Person.id)
    )
    return list(tx.session.scalars(query))


def operators(tx: Transaction) -> list[str | None]:
    """The operators who have an address; None, the support contact, where there is none."""
    query = (
        select(Person.id)
        .where(Person.is_operator, Person.locked_at.is_(None), Person.email.is_not(None))
        .order_by(Person.id)
    )
    return list(tx.session.scalars(query)) or [None]


def tell(tx: Transaction, kind: str, payload: dict[str, Any], organization_id: str) -> None:
    """Put a letter in the outbox for the organization's people and for operators, one each."""
    told = dict.fromkeys([*of_organization(tx, organization_id), *operators(tx)])
    for person_id in told:
        outbox.put(tx, kind, payload, person_id=person_id, organization_id=organization_id)


def addressee(
    tx: Transaction, item: outbox.Item, settings: Settings
) -> tuple[Organization, str, str]:
    """The organization, the address and the language of who is told; GivenUp for nobody."""
    organization = tx.session.get(Organization, item.organization_id)
    if organization is None:
        raise outbox.GivenUp("there is no such organization any more")
    if item.person_id is None:
        return organization, settings.support_contact, settings.default_locale
    person = tx.session.get(Person, item.person_id)
    member = tx.session.get(Membership, (item.person_id, item.organization_id))
    if person is None or (member is None and not person.is_operator):
        raise outbox.GivenUp("there is nobody to tell any more")
    to = person.email or (member.email if member else None)
    if not to:
        raise outbox.GivenUp("the person has no e-mail address")
    theirs = organization.locale if member else None
    return organization, to, person.locale or theirs or settings.default_locale
