"""The first operator: the one account that nobody added, made when a store is taken into use."""

from sqlalchemy import select

from idp.audit import Actor, Event, record
from idp.directory import fields, persons, usernames
from idp.directory.models import Person
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

GIVEN_NAME = "System"
FAMILY_NAME = "Operator"


def appoint_first(tx: Transaction, username: str, email: str | None, *, by: Actor) -> Person | None:
    """The new operator; None where there is one already. Invalid where a field does not hold."""
    if tx.session.scalar(select(Person.id).where(Person.is_operator).limit(1)):
        return None
    given = {"username": username, "email": email or username}
    rules = {"username": usernames.check, "email": fields.email}
    if not email and not fields.is_email(username):
        given.pop("email")
    kept = fields.clean(given, rules)
    if usernames.owner(tx, username) is not None:
        raise Invalid({"username": "username_taken"})
    now = utcnow()
    person = Person(
        id=random_id(),
        username=kept["username"],
        username_key=usernames.key(username),
        given_name=GIVEN_NAME,
        family_name=FAMILY_NAME,
        sort_name=persons.sort_name(GIVEN_NAME, FAMILY_NAME),
        email=kept.get("email"),
        created_at=now,
        valid_since=now,
        is_operator=True,
    )
    tx.session.add(person)
    tx.flush()
    usernames.reserve(tx, person.id, person.username, by=by, reason="operator.appointed")
    record(tx, Event.OPERATOR_APPOINTED, by=by, target_id=person.id, username=person.username)
    return person
