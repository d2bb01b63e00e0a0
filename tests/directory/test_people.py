"""The list of an organization's people: searched, filtered, in pages."""

import pytest

from idp.directory import memberships, people, persons
from idp.directory.models import Organization
from idp.directory.people import Counts, Page
from idp.directory.persons import NewPerson
from idp.foundation.database import Database
from tests.directory.world import OPERATOR, add, found

STAFF = (
    NewPerson(
        username="aino.virtanen@vanamo.example",
        given_name="Aino",
        family_name="Virtanen",
        title="Hoitaja",
        unit="Äänekosken kotihoito",
        roles=("main_user",),
    ),
    NewPerson(
        username="asa",
        given_name="Åsa",
        family_name="Öhman",
        email="Asa.Ohman@Kielo.example",
        title="Johtaja",
        unit="Hallinto 100%",
    ),
    NewPerson(username="erik_a", given_name="Erik", family_name="Åberg", roles=("it_admin",)),
    NewPerson(username="erikka", given_name="Erikka", family_name="Äijälä"),
    NewPerson(username="aino.aalto", given_name="Aino", family_name="Aalto", unit="ÄÄNEKOSKI"),
)


@pytest.fixture
def organization(database: Database) -> Organization:
    """An organization with its staff, and another whose people never show."""
    kielo = found(database, "kielo")
    for stranger in ("aino.stranger", "erik.stranger"):
        add(database, kielo, stranger)
    vanamo = found(database, "vanamo")
    for person in STAFF:
        add(database, vanamo, person)
    return vanamo


def page(database: Database, organization: Organization, **wanted: object) -> Page:
    with database.reading() as tx:
        return people.page(tx, organization.id, **wanted)  # type: ignore[arg-type]


def names(database: Database, organization: Organization, **wanted: object) -> list[str]:
    return [each.username for each in page(database, organization, **wanted).people]


def test_people_are_listed_in_the_order_of_the_finnish_alphabet(
    database: Database, organization: Organization
) -> None:
    assert names(database, organization) == [
        "aino.aalto",
        "aino.virtanen@vanamo.example",
        "erik_a",
        "erikka",
        "asa",
    ]


@pytest.mark.parametrize(
    ("search", "usernames"),
    [
        ("", ["aino.aalto", "aino.virtanen@vanamo.example", "erik_a", "erikka", "asa"]),
        ("  ", ["aino.aalto", "aino.virtanen@vanamo.example", "erik_a", "erikka", "asa"]),
        ("virtanen", ["aino.virtanen@vanamo.example"]),
        ("Aino Virtanen", ["aino.virtanen@vanamo.example"]),
        ("virtanen AINO", ["aino.virtanen@vanamo.example"]),
        ("aino", ["aino.aalto", "aino.virtanen@vanamo.example"]),
        ("öhman", ["asa"]),
        ("ÖHMAN", ["asa"]),
        ("ÅSA", ["asa"]),
        ("ohman@kielo", ["asa"]),
        ("OHMAN@KIELO.EXAMPLE", ["asa"]),
        ("äänekoski", ["aino.aalto"]),
        ("äänekosk", ["aino.aalto", "aino.virtanen@vanamo.example"]),
        ("johtaja hallinto", ["asa"]),
        ("hoitaja öhman", []),
        ("erik", ["erik_a", "erikka"]),
        ("erik_", ["erik_a"]),
        ("%", ["asa"]),
        ("100%", ["asa"]),
        ("/", []),
        ("\\", []),
        ("'", []),
        ("stranger", []),
        ("vir\x00tanen", ["aino.virtanen@vanamo.example"]),
        ("\ud800", ["aino.aalto", "aino.virtanen@vanamo.example", "erik_a", "erikka", "asa"]),
        ("aalto " * 1000, ["aino.aalto"]),
    ],
)
def test_each_word_searched_has_to_be_somewhere(
    database: Database, organization: Organization, search: str, usernames: list[str]
) -> None:
    assert names(database, organization, search=search) == usernames


@pytest.mark.parametrize(
    ("filters", "usernames"),
    [
        ({"role": "main_user"}, ["aino.virtanen@vanamo.example"]),
        ({"role": "it_admin"}, ["erik_a"]),
        ({"state": "locked"}, ["erikka", "asa"]),
        ({"state": "active"}, ["aino.aalto", "aino.virtanen@vanamo.example", "erik_a"]),
        ({"state": "active", "search": "erik"}, ["erik_a"]),
    ],
)
def test_the_list_is_narrowed_by_role_and_state(
    database: Database, organization: Organization, filters: dict[str, str], usernames: list[str]
) -> None:
    with database.transaction() as tx:
        for username, lock in (("erikka", persons.lock), ("asa", None)):
            person = persons.by_username(tx, username)
            assert person is not None
            if lock:
                lock(tx, person.id, by=OPERATOR)
            else:
                memberships.lock(tx, organization.id, person.id, by=OPERATOR)

    assert names(database, organization, **filters) == usernames


def test_pages_hold_everybody_once(database: Database, organization: Organization) -> None:
    pages = [page(database, organization, number=number, size=2) for number in (1, 2, 3)]

    assert [len(each.people) for each in pages] == [2, 2, 1]
    assert {(each.pages, each.total) for each in pages} == {(3, 5)}
    everybody = [person.username for each in pages for person in each.people]
    assert everybody == names(database, organization)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-3, 1), (3, 3), (4, 3), (10**9, 3)])
def test_a_page_that_is_not_there_gives_the_nearest(
    database: Database, organization: Organization, asked: int, given: int
) -> None:
    assert page(database, organization, number=asked, size=2).number == given


def test_an_empty_list_has_one_empty_page(database: Database, organization: Organization) -> None:
    found_none = page(database, organization, search="nobody")

    assert found_none == Page(people=(), number=1, pages=1, total=0)


def test_a_row_says_what_the_person_is_in_this_organization(
    database: Database, organization: Organization
) -> None:
    [row] = page(database, organization, search="virtanen").people

    assert (row.given_name, row.family_name) == ("Aino", "Virtanen")
    assert (row.email, row.email_is_confirmed) == ("aino.virtanen@vanamo.example", False)
    assert (row.title, row.unit, row.roles) == ("Hoitaja", "Äänekosken kotihoito", ("main_user",))
    assert (row.source, row.is_locked, row.is_person_locked) == (None, False, False)


def test_where_sso_supplies_the_profile_its_word_is_listed_and_the_persons_own_is_hidden(
    database: Database, organization: Organization
) -> None:
    with database.transaction() as tx:
        person = persons.by_username(tx, "asa")
        assert person is not None
        membership = memberships.get(tx, organization.id, person.id)
        membership.source = "Vanamo Entra"
        membership.given_name, membership.family_name = "Anna", "Ek"
        membership.email = "anna.ek@vanamo.example"

    [row] = page(database, organization, search="anna EK").people
    assert (row.given_name, row.family_name, row.email, row.source) == (
        "Anna",
        "Ek",
        "anna.ek@vanamo.example",
        "Vanamo Entra",
    )
    assert names(database, organization, search="öhman") == []
    assert names(database, organization, search="ohman@kielo") == []
    assert names(database, organization, search="asa") == ["asa"]


def test_people_are_counted_by_kind(database: Database, organization: Organization) -> None:
    with database.transaction() as tx:
        person = persons.by_username(tx, "erikka")
        assert person is not None
        memberships.lock(tx, organization.id, person.id, by=OPERATOR)

    with database.reading() as tx:
        assert people.counts(tx, organization.id) == Counts(
            people=5, main_users=1, it_admins=1, locked=1
        )
        assert people.counts(tx, "nowhere") == Counts(people=0, main_users=0, it_admins=0, locked=0)
