"""The main user who keeps a password for the day that single sign-on is down, and the alarm.

Everybody else's password is suspended while the organization uses single sign-on, and deleted once
it is of no use any more (`spent_passwords`).
Each sign-in by the kept one is recorded and told to the organization's main users and IT persons.
"""

from typing import Any

from sqlalchemy import select, update

from idp.audit import SYSTEM, Actor, Event, record
from idp.authentication.federation import mails, recipients
from idp.authentication.federation.models import ConnectionRecord
from idp.config import Settings
from idp.directory.models import Membership, Person
from idp.errors import Invalid
from idp.foundation import outbox
from idp.foundation.database import Transaction
from idp.foundation.mail import Message

CONSUMER = "break_glass"
ALARM = "break_glass_used"
"""The outbox's name for the alarm."""
_PASSWORD = "pwd"


def choose(tx: Transaction, organization_id: str, person_id: str | None, *, by: Actor) -> None:
    """Let this main user, and nobody else here, keep a password; None: nobody.

    Invalid (``keeper``) for anybody who is no main user of the organization.
    """
    key = (person_id or "", organization_id)
    chosen = tx.session.get(Membership, key) if person_id else None
    if person_id and (chosen is None or not chosen.is_main_user or chosen.locked_at):
        raise Invalid({"keeper": "keeper_no_main_user"})
    tx.session.execute(
        update(Membership)
        .where(Membership.organization_id == organization_id)
        .values(keeps_password=Membership.person_id == (person_id or ""))
        .execution_options(synchronize_session=False)
    )
    record(
        tx,
        Event.BREAK_GLASS_CHOSEN,
        by=by,
        organization_id=organization_id,
        target_id=person_id,
    )


def keeper(tx: Transaction, organization_id: str) -> str | None:
    """Who keeps a password here; None where nobody does."""
    return tx.session.scalar(
        select(Membership.person_id).where(
            Membership.organization_id == organization_id, Membership.keeps_password
        )
    )


def follow(tx: Transaction, deed: Any) -> None:
    """Raise the alarm where a sign-in used the password that is kept for emergencies."""
    if deed.event != Event.SIGNED_IN.value or deed.detail.get("method") != _PASSWORD:
        return
    rows = tx.session.scalars(
        select(Membership.organization_id)
        .join(ConnectionRecord, ConnectionRecord.organization_id == Membership.organization_id)
        .where(
            Membership.person_id == deed.target_id,
            Membership.keeps_password,
            # A sign-in from before single sign-on, read only now, was an everyday one.
            ConnectionRecord.enabled_at <= deed.at,
        )
        .distinct()
    ).all()
    for organization_id in rows:
        record(
            tx,
            Event.BREAK_GLASS_USED,
            by=SYSTEM,
            organization_id=organization_id,
            target_id=deed.target_id,
        )
        for person_id in recipients.of_organization(tx, organization_id):
            payload = {"who": deed.target_id}
            outbox.put(tx, ALARM, payload, person_id=person_id, organization_id=organization_id)


def letter(tx: Transaction, item: outbox.Item, settings: Settings) -> Message:
    """The alarm's mail; GivenUp where nobody is left to read it."""
    organization, to, locale = recipients.addressee(tx, item, settings)
    who = tx.session.get(Person, item.payload["who"])
    name = f"{who.given_name} {who.family_name}" if who else ""
    return mails.break_glass_used(
        locale, to=to, name=name, organization_name=organization.name, at=item.created_at
    )
