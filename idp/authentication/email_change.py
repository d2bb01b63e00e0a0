"""A new e-mail address: its mailed link goes to the new one, word of it to the old one (M11)."""

from idp.authentication.links import Links, Purpose
from idp.directory.models import Person
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

CONFIRMATION = "email_confirmation"
"""The outbox's name for the mail to the new address."""
NOTICE = "email_change_notice"
"""The outbox's name for the mail to the address that was."""


def order_confirmation(
    tx: Transaction,
    links: Links,
    person: Person,
    address: str,
    *,
    organization_id: str | None = None,
) -> None:
    """Order the link that confirms ``address`` and tell the old one; earlier orders are void.

    ``organization_id`` is the organization whose main user ordered it; None: the person did.
    """
    links.void(tx, person.id, Purpose.EMAIL)
    link = links.order(
        tx,
        Purpose.EMAIL,
        person.id,
        address=address,
        requested_at=utcnow(),
        organization_id=organization_id,
    )
    outbox.put(tx, CONFIRMATION, {"id": link.id}, person_id=person.id)
    if person.email:
        payload = {"address": person.email, "new": address}
        outbox.put(tx, NOTICE, payload, person_id=person.id)
