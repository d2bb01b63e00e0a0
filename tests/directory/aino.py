"""Aino and her profile, for the tests that change it."""

from collections.abc import Mapping

from idp.directory import memberships, persons, profile
from idp.directory.access import Asker
from idp.directory.models import Organization
from idp.directory.persons import NewPerson
from idp.directory.profile import ProfileChange
from idp.foundation.database import Database
from tests.directory.world import OPERATOR

AINO = NewPerson(
    username="aino",
    given_name="Aino",
    family_name="Virtanen",
    email="aino@vanamo.example",
    title="Hoitaja",
    unit="Kotihoito",
)


def change(
    database: Database,
    organization: Organization | None,
    changes: Mapping[str, object],
    as_whom: Asker = Asker.SELF,
) -> ProfileChange:
    """What comes of a change to Aino's profile, in an organization or in none."""
    with database.transaction() as tx:
        person = persons.by_username(tx, "aino")
        assert person is not None
        membership = memberships.get(tx, organization.id, person.id) if organization else None
        return profile.change(
            tx, person, membership, organization, changes, by=OPERATOR, as_whom=as_whom
        )
