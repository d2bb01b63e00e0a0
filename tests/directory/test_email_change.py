"""A new e-mail address: by whom it was asked for, and when it counts (M11)."""

from dataclasses import replace

import pytest

from idp.audit import Event
from idp.directory import profile
from idp.directory.access import Asker
from idp.directory.models import Organization
from idp.directory.profile import ProfileChange
from idp.errors import NotAllowed
from idp.foundation.clock import utcnow
from idp.foundation.database import Database
from tests.directory.aino import AINO, change
from tests.directory.world import OPERATOR, add, events, found, read


@pytest.fixture
def vanamo(database: Database) -> Organization:
    """An organization with passwords, and Aino in it."""
    organization = found(database, "vanamo")
    add(database, organization, AINO)
    return organization


def confirm(database: Database, address: str, ordered_in: str | None = None) -> str | None:
    person = read(database, "aino")
    with database.transaction() as tx:
        return profile.confirm_email(tx, person.id, address, by=OPERATOR, ordered_in=ordered_in)


def test_a_new_email_waits_for_its_link(database: Database, vanamo: Organization) -> None:
    changed = change(database, vanamo, {"email": "aino@Kielo.example", "title": ""})

    assert changed == ProfileChange(
        changed=frozenset(("title",)), pending_email="aino@kielo.example"
    )
    assert read(database, "aino").email == "aino@vanamo.example"
    with database.reading() as tx:
        assert events(tx, Event.EMAIL_CHANGE_REQUESTED) == [{"address": "aino@kielo.example"}]


def test_a_followed_link_makes_the_email_count_and_names_the_one_to_tell(
    database: Database, vanamo: Organization
) -> None:
    before = utcnow()

    assert confirm(database, "aino@kielo.example") == "aino@vanamo.example"

    person = read(database, "aino")
    assert person.email == "aino@kielo.example"
    assert person.email_confirmed_at is not None
    assert person.email_confirmed_at >= before
    assert confirm(database, "aino@kielo.example") is None
    with database.reading() as tx:
        assert events(tx, Event.EMAIL_CONFIRMED)[0] == {
            "before": "aino@vanamo.example",
            "address": "aino@kielo.example",
        }


@pytest.mark.parametrize("as_whom", [Asker.MAIN_USER, Asker.OPERATOR])
def test_an_email_nobody_ever_confirmed_is_put_right_at_once(
    database: Database, vanamo: Organization, as_whom: Asker
) -> None:
    changed = change(database, vanamo, {"email": "aino.virtanen@vanamo.example"}, as_whom)

    assert changed == ProfileChange(changed=frozenset(("email",)))
    person = read(database, "aino")
    assert (person.email, person.email_confirmed_at) == ("aino.virtanen@vanamo.example", None)


@pytest.mark.parametrize("as_whom", list(Asker))
def test_an_email_that_works_is_replaced_only_by_one_that_works(
    database: Database, vanamo: Organization, as_whom: Asker
) -> None:
    confirm(database, "aino@vanamo.example")

    changed = change(database, vanamo, {"email": "eve@vanamo.example"}, as_whom)

    assert changed.pending_email == "eve@vanamo.example"
    assert read(database, "aino").email == "aino@vanamo.example"


def test_an_email_a_main_user_asked_for_does_not_come_to_count_in_another_organization(
    database: Database, vanamo: Organization
) -> None:
    confirm(database, "aino@vanamo.example")
    change(database, vanamo, {"email": "eve@vanamo.example"}, Asker.MAIN_USER)
    add(database, found(database, "kielo"), "aino")

    with pytest.raises(NotAllowed) as refused:
        confirm(database, "eve@vanamo.example", ordered_in=vanamo.id)

    assert refused.value.code == "belongs_to_other_organization"
    assert read(database, "aino").email == "aino@vanamo.example"
    assert confirm(database, "aino@kielo.example") == "aino@vanamo.example"


def test_a_used_link_shows_that_the_email_it_was_sent_to_works_and_no_other(
    database: Database, vanamo: Organization
) -> None:
    person = read(database, "aino")
    with database.transaction() as tx:
        profile.email_reached(tx, person.id, "old@vanamo.example")
    assert read(database, "aino").email_confirmed_at is None

    with database.transaction() as tx:
        profile.email_reached(tx, person.id, "aino@vanamo.example")
    first = read(database, "aino").email_confirmed_at
    assert first is not None
    with database.transaction() as tx:
        profile.email_reached(tx, person.id, "aino@vanamo.example")
    assert read(database, "aino").email_confirmed_at == first


def test_a_person_without_any_email_gets_a_first_one(database: Database) -> None:
    organization = found(database, "vanamo")
    add(database, organization, replace(AINO, email=None))

    assert confirm(database, "aino@vanamo.example") is None
    assert read(database, "aino").email == "aino@vanamo.example"
