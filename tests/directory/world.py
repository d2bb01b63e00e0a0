"""A small world for the directory's tests: two organizations, and who belongs where."""

from sqlalchemy import select

from idp import audit
from idp.directory import organizations, persons
from idp.directory.models import Organization, Person
from idp.directory.persons import Added, NewPerson
from idp.foundation.database import Database, Transaction

OPERATOR = audit.Actor(kind="operator", id="olli", network="192.0.2.1", reference="K7F2-QX9M")


def found(database: Database, slug: str, *, uses_sso: bool = False) -> Organization:
    """An organization named after its slug."""
    with database.transaction() as tx:
        organization = organizations.create(tx, slug, slug.capitalize(), by=OPERATOR, locale="fi")
        organization.uses_sso = uses_sso
    return organization


def new(username: str, given_name: str = "Aino", family_name: str = "Virtanen") -> NewPerson:
    """Somebody with nothing but what has to be there."""
    return NewPerson(username=username, given_name=given_name, family_name=family_name)


def main_user(username: str) -> NewPerson:
    """Somebody who is to be a main user."""
    return NewPerson(
        username=username, given_name="Maija", family_name="Mäkinen", roles=("main_user",)
    )


def add(database: Database, organization: Organization, person: NewPerson | str) -> Added:
    """Add a person, described or just named."""
    with database.transaction() as tx:
        described = new(person) if isinstance(person, str) else person
        return persons.add(tx, described, organization, by=OPERATOR, despite_sso=True)


def read(database: Database, username: str) -> Person:
    """The person who holds the username, as they are now."""
    with database.reading() as tx:
        person = persons.by_username(tx, username)
    assert person is not None
    return person


def events(tx: Transaction, event: audit.Event) -> list[dict[str, object]]:
    """The details of all deeds of one kind, the first deed first."""
    found = select(audit.AuditRecord).where(audit.AuditRecord.event == event.value)
    return [record.detail for record in tx.session.scalars(found.order_by(audit.AuditRecord.at))]
