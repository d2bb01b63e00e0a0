"""What a command names on its line, found; where there is none, the message says of what."""

from idp.cli.refusals import Stopped
from idp.directory import organizations, persons, usernames
from idp.directory.models import Organization, Person
from idp.errors import NotFound
from idp.foundation.database import Transaction


def find_organization(tx: Transaction, slug: str) -> Organization:
    """The organization with this slug."""
    try:
        return organizations.by_slug(tx, slug)
    except NotFound as error:
        raise Stopped(f"there is no organization {slug!r}") from error


def find_person(tx: Transaction, username: str) -> Person:
    """The person who holds this username; the message tells of one who used to hold it."""
    person = persons.by_username(tx, username)
    if person is not None:
        return person
    owner = usernames.owner(tx, username)
    if owner is None:
        raise Stopped(f"there is no person {username!r}")
    raise Stopped(f"{username!r} is now {persons.get(tx, owner).username!r}")
