"""Adding people: a new account, or a membership for one that is known (M1, M2, M3, M6)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from idp.audit import Event
from idp.directory import memberships, organizations, persons, usernames
from idp.directory.models import Organization
from idp.directory.persons import NewPerson
from idp.errors import Invalid, NotAllowed
from idp.foundation.clock import utcnow
from idp.foundation.database import Database
from tests.directory.world import OPERATOR, add, events, found, new, read

AINO = NewPerson(
    username="aino@vanamo.example",
    given_name="Aino",
    family_name="Virtanen",
    title="Hoitaja",
    unit="Kotihoito",
    roles=("it_admin", "main_user"),
)


def refusal(database: Database, organization: Organization, person: NewPerson) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        add(database, organization, person)
    return refused.value.fields


def test_a_new_person_gets_an_account_and_a_membership(database: Database) -> None:
    organization = found(database, "vanamo")
    before = utcnow()

    added = add(database, organization, AINO)

    person = read(database, "AINO@vanamo.example")
    assert added.is_new
    assert added.person.id == person.id
    assert (person.given_name, person.family_name) == ("Aino", "Virtanen")
    assert (person.created_in, person.locked_at) == (organization.id, None)
    assert before <= person.created_at == person.valid_since
    with database.reading() as tx:
        membership = memberships.get(tx, organization.id, person.id)
        [period] = usernames.history(tx, person.id)
        assert events(tx, Event.PERSON_ADDED) == [{"username": "aino@vanamo.example"}]
        assert events(tx, Event.MEMBERSHIP_ADDED) == [
            {"username": "aino@vanamo.example", "roles": ["main_user", "it_admin"]}
        ]
    assert (membership.title, membership.unit) == ("Hoitaja", "Kotihoito")
    assert membership.roles == ["main_user", "it_admin"]
    assert (period.username, period.held_until) == ("aino@vanamo.example", None)


@pytest.mark.parametrize(
    ("username", "given", "kept"),
    [
        ("aino@vanamo.example", None, "aino@vanamo.example"),
        ("aino@vanamo.example", "", "aino@vanamo.example"),
        ("aino@vanamo.example", "a.v@kielo.example", "a.v@kielo.example"),
        ("aino", "aino@vanamo.example", "aino@vanamo.example"),
        ("aino", None, None),
        ("aino@vanamo", None, None),
    ],
)
def test_the_email_is_the_username_unless_another_is_given(
    database: Database, username: str, given: str | None, kept: str | None
) -> None:
    add(database, found(database, "vanamo"), replace(AINO, username=username, email=given))

    person = read(database, username)
    assert (person.email, person.email_confirmed_at) == (kept, None)


def test_all_that_does_not_hold_is_said_at_once_and_nothing_is_kept(database: Database) -> None:
    wrong = NewPerson(
        username="a b",
        given_name="",
        family_name="x" * 101,
        email="nowhere",
        title="\x00",
        roles=("operator",),
    )

    assert refusal(database, found(database, "vanamo"), wrong) == {
        "username": "username_spaces",
        "given_name": "required",
        "family_name": "too_long",
        "email": "email_invalid",
        "title": "characters",
        "roles": "role_unknown",
    }
    with database.reading() as tx:
        assert events(tx, Event.PERSON_ADDED) == []


def test_a_known_username_gets_a_membership_and_not_an_account(database: Database) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    first = add(database, vanamo, AINO)

    second = add(
        database, kielo, NewPerson(username="AINO@Vanamo.example", given_name="", family_name="",
                                   title="Johtaja", unit="Hallinto")
    )  # fmt: skip

    assert not second.is_new
    assert second.person.id == first.person.id
    with database.reading() as tx:
        places = memberships.of_person(tx, first.person.id)
        assert [(place.organization.slug, place.title, place.roles) for place in places] == [
            ("kielo", "Johtaja", []),
            ("vanamo", "Hoitaja", ["main_user", "it_admin"]),
        ]
        assert len(events(tx, Event.PERSON_ADDED)) == 1


def test_a_known_account_keeps_its_name_and_email_and_what_differs_is_said(
    database: Database,
) -> None:
    vanamo, kielo, sarkio = (found(database, slug) for slug in ("vanamo", "kielo", "sarkio"))
    add(database, vanamo, AINO)

    other = replace(AINO, given_name="Anna", family_name="VIRTANEN ", email="anna@kielo.example")
    assert add(database, kielo, other).differs == ("given_name", "email")
    assert add(database, sarkio, AINO).differs == ()

    person = read(database, AINO.username)
    assert (person.given_name, person.email) == ("Aino", "aino@vanamo.example")


def test_an_account_whose_email_is_not_its_username_is_noticed_by_who_adds_it(
    database: Database,
) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    add(database, vanamo, replace(AINO, username="aino@kielo.example", email="eve@vanamo.example"))

    assert add(database, kielo, replace(AINO, username="aino@kielo.example")).differs == ("email",)


def test_a_member_is_not_added_twice(database: Database) -> None:
    organization = found(database, "vanamo")
    add(database, organization, AINO)

    assert refusal(database, organization, AINO) == {"username": "already_member"}


def test_only_what_belongs_to_the_membership_has_to_hold_for_a_known_username(
    database: Database,
) -> None:
    add(database, found(database, "vanamo"), AINO)
    wrong = replace(AINO, given_name="\x00", title="\x00", roles=("chief",))

    assert refusal(database, found(database, "kielo"), wrong) == {
        "title": "characters",
        "roles": "role_unknown",
    }


def test_nobody_is_added_by_hand_where_people_come_by_sso(database: Database) -> None:
    organization = found(database, "vanamo", uses_sso=True)

    with pytest.raises(NotAllowed) as refused, database.transaction() as tx:
        persons.add(tx, AINO, organization, by=OPERATOR)
    assert refused.value.code == "organization_uses_sso"

    with database.transaction() as tx:
        assert persons.add(tx, AINO, organization, by=OPERATOR, despite_sso=True).is_new


def test_a_refusal_after_the_account_was_made_leaves_no_account(database: Database) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, "aino").person
    with database.transaction() as tx:
        usernames.rename(tx, person.id, "aino.makinen", by=OPERATOR, reason="Nimi")

    assert refusal(database, organization, new("aino")) == {"username": "username_taken"}
    with database.reading() as tx:
        assert persons.by_username(tx, "aino") is None


def test_a_username_wanted_by_many_new_people_at_once_makes_one_account(
    database: Database,
) -> None:
    many = [found(database, f"organization-{number}") for number in range(6)]
    together = Barrier(len(many), timeout=20)

    def join(organization: Organization) -> bool:
        together.wait()
        return add(database, organization, AINO).is_new

    with ThreadPoolExecutor(len(many)) as threads:
        outcomes = list(threads.map(join, many))

    assert outcomes.count(True) == 1
    with database.reading() as tx:
        assert len(memberships.of_person(tx, read(database, AINO.username).id)) == len(many)


def too_early(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Let so many looks for a username come a moment before somebody takes it."""
    real, left = persons.by_username, [None] * looks
    monkeypatch.setattr(usernames, "owner", lambda _tx, _username: None)
    monkeypatch.setattr(
        persons, "by_username", lambda tx, name: left.pop() if left else real(tx, name)
    )


def test_who_looked_a_moment_too_early_joins_the_account_that_was_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    person = add(database, vanamo, AINO).person
    too_early(monkeypatch, looks=1)

    added = add(database, kielo, AINO)

    assert (added.is_new, added.person.id) == (False, person.id)


def test_who_looked_too_early_for_a_username_that_was_given_up_does_not_get_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    add(database, vanamo, AINO)
    too_early(monkeypatch, looks=2)

    assert refusal(database, kielo, AINO) == {"username": "username_taken"}


def test_a_person_added_by_many_to_one_organization_at_once_is_a_member_once(
    database: Database,
) -> None:
    organization = found(database, "vanamo")
    add(database, found(database, "kielo"), AINO)
    together = Barrier(6, timeout=20)

    def join(_: int) -> str:
        together.wait()
        try:
            add(database, organization, AINO)
        except Invalid as refused:
            return refused.fields["username"]
        return "added"

    with ThreadPoolExecutor(6) as threads:
        outcomes = sorted(threads.map(join, range(6)))

    assert outcomes == ["added", *["already_member"] * 5]


def test_a_suspended_organization_is_there_still(database: Database) -> None:
    organization = found(database, "vanamo")
    with database.transaction() as tx:
        organizations.suspend(tx, organization.id, by=OPERATOR)

    assert add(database, organization, AINO).is_new
