"""Deeds for the tests of the log."""

from idp import audit
from idp.foundation.database import Database

ANNA = audit.Actor(kind="person", id="anna", network="192.0.2.7", reference="K7F2-QX9M")


def lock(database: Database, *persons: str) -> None:
    """Write one deed for each person, each in a transaction of its own."""
    for person in persons:
        with database.transaction() as tx:
            audit.record(tx, audit.Event.PERSON_LOCKED, by=ANNA, target_id=person)
