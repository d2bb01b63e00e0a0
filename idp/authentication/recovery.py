"""'Unohditko salasanasi?': the same order for first and forgotten passwords (M4, M5, M8).

The page only notes what was typed; who that is, and whether there is anybody, is found out in the
delivery process. So the answer cannot depend on the account, in words, status or time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from idp.audit import Actor, Event, record
from idp.authentication.federation import dormancy
from idp.authentication.links import Links, Purpose
from idp.authentication.models import Credential, Link
from idp.directory import fields, persons
from idp.directory.models import Membership, Organization, Person
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

ORDER = "password_link_order"
"""The outbox's name for an order that waits to be looked into."""
LINK_MAIL = "password_link"
"""The outbox's name for the mail with the link."""
OPERATOR_MAIL = "operator_activation"
"""The outbox's name for an operator's first link."""
SSO_MAIL = "sso_hint"
"""The outbox's name for the mail that points a person to their organization's own sign-in."""
MOST_PEOPLE = 3
"""How many accounts with one e-mail address an order may reach."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was typed, when and where; ``organization_id`` where a main user sends the link."""

    login: str
    requested_at: datetime
    reference: str
    network: str
    locale: str


def order(tx: Transaction, given: Order) -> None:
    """Note the order; returns nothing, so that nobody can tell what it will lead to."""
    outbox.put(
        tx,
        ORDER,
        {
            "login": given.login,
            "requested_at": given.requested_at.timestamp(),
            "reference": given.reference,
            "network": given.network,
            "locale": given.locale,
        },
    )


def send_link(
    tx: Transaction,
    links: Links,
    person: Person,
    *,
    requested_at: datetime,
    by: Actor,
    organization_id: str | None = None,
) -> Link | None:
    """Make a password link and put its mail out; None where the person has no address.

    ``organization_id`` is the organization whose main user sends it; None where the person asked.
    """
    if not person.email:
        return None
    link = links.order(
        tx,
        Purpose.PASSWORD,
        person.id,
        address=person.email,
        requested_at=requested_at,
        organization_id=organization_id,
    )
    record(
        tx,
        Event.PASSWORD_LINK_REQUESTED,
        by=by,
        organization_id=organization_id,
        target_id=person.id,
    )
    outbox.put(tx, LINK_MAIL, {"id": link.id}, person_id=person.id, organization_id=organization_id)
    return link


def order_handler(links: Links) -> outbox.Handler:
    """What the delivery process does with an order: all of it as the order leaves the queue."""

    def handle(item: outbox.Item) -> outbox.FollowUp:
        payload = item.payload
        requested_at = datetime.fromtimestamp(payload["requested_at"], UTC)
        by = Actor(kind="person", network=payload["network"], reference=payload["reference"])

        def answer(tx: Transaction) -> None:
            for person in _meant(tx, payload["login"]):
                _answer(tx, links, person, requested_at, by)

        return answer

    return handle


def _meant(tx: Transaction, login: str) -> list[Person]:
    """Whom a typed username means: its holder, else those with it as their confirmed e-mail."""
    holder = persons.by_username(tx, login)
    if holder:
        return [] if holder.locked_at else [holder]
    if not fields.is_email(login):
        return []
    return list(
        tx.session.scalars(
            select(Person)
            .where(
                Person.email == login.strip(),
                Person.email_confirmed_at.is_not(None),
                Person.locked_at.is_(None),
            )
            .order_by(Person.created_at)
            .limit(MOST_PEOPLE)
        )
    )


def _answer(
    tx: Transaction, links: Links, person: Person, requested_at: datetime, by: Actor
) -> None:
    """A link for who may have a password here; the way to their own sign-in for who may not."""
    if uses_password(tx, person.id):
        send_link(tx, links, person, requested_at=requested_at, by=by)
    elif not dormancy.is_dormant(tx, person.id) and (address := _sso_address(tx, person)):
        payload = {"asked_at": utcnow().timestamp(), "address": address}
        outbox.put(tx, SSO_MAIL, payload, person_id=person.id)


def _sso_address(tx: Transaction, person: Person) -> str | None:
    """Where the way to their own sign-in is mailed: what their organization says, or the account's.

    The mail opens nothing, so an address that nobody proved will do.
    """
    asserted = select(Membership.email).where(
        Membership.person_id == person.id,
        Membership.locked_at.is_(None),
        Membership.email.is_not(None),
    )
    return (
        tx.session.scalar(asserted.order_by(Membership.synced_at.desc()).limit(1)) or person.email
    )


def uses_password(tx: Transaction, person_id: str) -> bool:
    """Whether a password kept here opens anything for the person.

    Not where every organization they belong to uses its own single sign-on (M10), or formed the
    account through it: one that is switched off for a while leaves no way to a password behind.
    """
    rows = tx.session.execute(
        select(Organization.uses_sso, Membership.source, Membership.keeps_password)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.person_id == person_id)
    ).all()
    if not rows or any(keeps or (not uses_sso and not source) for uses_sso, source, keeps in rows):
        return True
    has_one = tx.session.get(Credential, person_id) is not None
    return has_one and not all(uses_sso for uses_sso, *_ in rows)
