"""Word to a person of what others did to their account, from the audit log's stream."""

from typing import Any

from idp.audit import Event
from idp.directory.models import Person
from idp.foundation import outbox
from idp.foundation.database import Transaction

CONSUMER = "notices"
MEMBERSHIP_ADDED = "membership_added"
"""The outbox's name for the mail about one more organization (M6)."""
USERNAME_CHANGED = "username_changed"
"""The outbox's name for the mail about a changed username (M18)."""


def follow(tx: Transaction, deed: Any) -> None:
    """What one committed deed means for the person it was done to."""
    if deed.event not in (Event.MEMBERSHIP_ADDED.value, Event.USERNAME_CHANGED.value):
        return
    person = tx.session.get(Person, deed.target_id)
    if person is None or not person.email:
        return
    if deed.event == Event.USERNAME_CHANGED.value:
        payload = {"before": deed.detail["old"], "after": deed.detail["new"]}
        outbox.put(tx, USERNAME_CHANGED, payload, person_id=person.id)
    elif person.created_in != deed.organization_id:
        outbox.put(
            tx,
            MEMBERSHIP_ADDED,
            {},
            person_id=person.id,
            organization_id=deed.organization_id,
        )
