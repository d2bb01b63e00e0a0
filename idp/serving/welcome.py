"""The link with which a person makes a password: mailed to who is new, or shown to support."""

from dataclasses import dataclass, field
from datetime import datetime

from idp import Deployment
from idp.audit import Actor, Event, record
from idp.authentication import credentials, recovery
from idp.authentication.links import Purpose
from idp.directory import access, memberships
from idp.directory.models import Person
from idp.errors import NotAllowed
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

NO_ADDRESS = ""
"""A link that is handed over was sent nowhere, so using it confirms no address."""


@dataclass(frozen=True, kw_only=True)
class ShownLink:
    """A link to be handed over."""

    username: str
    link: str = field(repr=False)
    expires_at: datetime


def welcome(
    deployment: Deployment, tx: Transaction, person: Person, organization_id: str, *, by: Actor
) -> bool:
    """Mail the link to a person without a password; whether there was a reason and an address."""
    if credentials.has_password(tx, person.id) or not recovery.uses_password(tx, person.id):
        return False
    sent = recovery.send_link(
        tx,
        deployment.links,
        person,
        requested_at=utcnow(),
        by=by,
        organization_id=organization_id,
    )
    return sent is not None


def show_link(deployment: Deployment, tx: Transaction, person: Person, *, by: Actor) -> ShownLink:
    """Make a link to be handed over; NotAllowed for who is locked or signs in elsewhere (M10)."""
    if person.locked_at is not None:
        raise NotAllowed("person_locked")
    if not recovery.uses_password(tx, person.id):
        place = memberships.of_person(tx, person.id)[0]
        target = access.target(person, place, place.organization, belongs_elsewhere=False)
        access.may_send_password_link(target).require()
    links = deployment.links
    made = links.order(tx, Purpose.PASSWORD, person.id, address=NO_ADDRESS, requested_at=utcnow())
    record(tx, Event.PASSWORD_LINK_SHOWN, by=by, target_id=person.id)
    return ShownLink(
        username=person.username,
        link=f"{deployment.parts.settings.issuer}/link/{links.token(made)}",
        expires_at=made.expires_at,
    )
