"""Roles, locks and the end of a membership; the last main user stays (M2, M6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from idp.audit import Event
from idp.directory import memberships, organizations, persons
from idp.directory.models import Membership, Organization
from idp.errors import Invalid, NotAllowed, NotFound
from idp.foundation.database import Database, Transaction
from tests.directory.world import OPERATOR, add, events, found, main_user

Deed = Callable[[Transaction, str, str], None]

demote: Deed = partial(memberships.change_roles, roles=["it_admin"], by=OPERATOR)
lock: Deed = partial(memberships.lock, by=OPERATOR)
unlock: Deed = partial(memberships.unlock, by=OPERATOR)
remove: Deed = partial(memberships.remove, by=OPERATOR)

AGAINST_MAIN_USERS = pytest.mark.parametrize("deed", [demote, lock, remove])


def do(database: Database, deed: Deed, organization: Organization, person_id: str) -> None:
    with database.transaction() as tx:
        deed(tx, organization.id, person_id)


def refusal(database: Database, deed: Deed, organization: Organization, person_id: str) -> str:
    with pytest.raises(NotAllowed) as refused:
        do(database, deed, organization, person_id)
    return refused.value.code


def main_users(database: Database, organization: Organization) -> set[str]:
    """Whose membership makes them a main user now."""
    with database.reading() as tx:
        return set(
            tx.session.scalars(
                select(Membership.person_id).where(
                    Membership.organization_id == organization.id,
                    Membership.is_main_user,
                    Membership.locked_at.is_(None),
                )
            )
        )


def test_roles_are_given_and_taken_and_the_change_is_on_record(database: Database) -> None:
    organization = found(database, "vanamo")
    add(database, organization, main_user("maija"))
    person = add(database, organization, "aino").person
    for roles in (["it_admin", "main_user"], ["it_admin", "main_user"], []):
        with database.transaction() as tx:
            memberships.change_roles(tx, organization.id, person.id, roles, by=OPERATOR)

    with database.reading() as tx:
        assert memberships.get(tx, organization.id, person.id).roles == []
        assert events(tx, Event.MEMBERSHIP_CHANGED) == [
            {"before": [], "after": ["main_user", "it_admin"]},
            {"before": ["main_user", "it_admin"], "after": []},
        ]


def test_a_role_that_does_not_exist_is_not_given(database: Database) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, "aino").person

    with pytest.raises(Invalid) as refused, database.transaction() as tx:
        memberships.change_roles(tx, organization.id, person.id, ["operator"], by=OPERATOR)

    assert refused.value.fields == {"roles": "role_unknown"}


def test_a_locked_membership_opens_nothing_until_it_is_unlocked(database: Database) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    person = add(database, vanamo, "aino").person
    add(database, kielo, "aino")

    def opens() -> list[str]:
        with database.reading() as tx:
            return [row.slug for row in memberships.standing(tx, person.id)]

    assert opens() == ["kielo", "vanamo"]
    for _ in range(2):
        do(database, lock, vanamo, person.id)
    assert opens() == ["kielo"]
    for _ in range(2):
        do(database, unlock, vanamo, person.id)
    assert opens() == ["kielo", "vanamo"]
    with database.transaction() as tx:
        organizations.suspend(tx, kielo.id, by=OPERATOR)
    assert opens() == ["vanamo"]
    with database.reading() as tx:
        assert len(events(tx, Event.MEMBERSHIP_LOCKED)) == 1
        assert len(events(tx, Event.MEMBERSHIP_UNLOCKED)) == 1


def test_the_standing_memberships_are_rows_for_the_claim(database: Database) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, main_user("maija")).person

    with database.reading() as tx:
        [row] = memberships.standing(tx, person.id)
    assert (row.organization_id, row.slug, row.name) == (organization.id, "vanamo", "Vanamo")
    assert (row.title, row.unit, row.is_main_user, row.is_it_admin) == ("", "", True, False)


def test_a_removed_person_keeps_account_and_username_and_can_be_added_again(
    database: Database,
) -> None:
    organization = found(database, "vanamo")
    person = add(database, organization, "aino").person
    do(database, remove, organization, person.id)

    with database.reading() as tx:
        assert memberships.of_person(tx, person.id) == []
        assert persons.get(tx, person.id).username == "aino"
        assert events(tx, Event.MEMBERSHIP_REMOVED) == [{"roles": []}]
    again = add(database, organization, "aino")
    assert (again.is_new, again.person.id) == (False, person.id)


@pytest.mark.parametrize("deed", [demote, lock, unlock, remove])
def test_a_person_of_another_organization_is_as_good_as_none(
    database: Database, deed: Deed
) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    stranger = add(database, kielo, main_user("maija")).person
    add(database, kielo, main_user("marja"))

    for person_id in (stranger.id, "nobody", "\x00", "\ud800"):
        with pytest.raises(NotFound):
            do(database, deed, vanamo, person_id)


@AGAINST_MAIN_USERS
def test_the_last_main_user_stays_one(database: Database, deed: Deed) -> None:
    organization = found(database, "vanamo")
    last = add(database, organization, main_user("maija")).person

    assert refusal(database, deed, organization, last.id) == "last_main_user"
    assert main_users(database, organization) == {last.id}


@AGAINST_MAIN_USERS
def test_one_of_two_main_users_may_go_and_then_the_other_stays(
    database: Database, deed: Deed
) -> None:
    organization = found(database, "vanamo")
    one = add(database, organization, main_user("maija")).person
    other = add(database, organization, main_user("marja")).person

    do(database, deed, organization, one.id)

    assert main_users(database, organization) == {other.id}
    assert refusal(database, deed, organization, other.id) == "last_main_user"


def test_main_users_who_cannot_act_and_those_of_others_do_not_count(database: Database) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    last = add(database, vanamo, main_user("maija")).person
    locked = add(database, vanamo, main_user("marja")).person
    shut_out = add(database, vanamo, main_user("merja")).person
    add(database, kielo, main_user("mirja"))
    do(database, lock, vanamo, locked.id)
    with database.transaction() as tx:
        persons.lock(tx, shut_out.id, by=OPERATOR)

    assert refusal(database, remove, vanamo, last.id) == "last_main_user"


@AGAINST_MAIN_USERS
def test_others_may_go_whoever_is_the_last_main_user(database: Database, deed: Deed) -> None:
    organization = found(database, "vanamo")
    last = add(database, organization, main_user("maija")).person
    person = add(database, organization, "aino").person

    do(database, deed, organization, person.id)

    assert main_users(database, organization) == {last.id}


@AGAINST_MAIN_USERS
def test_of_all_main_users_who_go_at_the_same_moment_one_stays(
    database: Database, deed: Deed
) -> None:
    organization = found(database, "vanamo")
    many = [add(database, organization, main_user(f"main-{n}")).person.id for n in range(6)]
    together = Barrier(len(many), timeout=20)

    def go(person_id: str) -> str:
        together.wait()
        try:
            do(database, deed, organization, person_id)
        except NotAllowed as refused:
            return refused.code
        return "gone"

    with ThreadPoolExecutor(len(many)) as threads:
        outcomes = list(threads.map(go, many))

    assert sorted(outcomes) == [*["gone"] * 5, "last_main_user"]
    assert main_users(database, organization) == {many[outcomes.index("last_main_user")]}


def test_an_account_belongs_elsewhere_however_little_it_can_do_there(database: Database) -> None:
    vanamo, kielo = found(database, "vanamo"), found(database, "kielo")
    person = add(database, vanamo, "aino").person

    def elsewhere() -> bool:
        with database.reading() as tx:
            return memberships.belongs_elsewhere(tx, person.id, vanamo.id)

    assert not elsewhere()
    add(database, kielo, "aino")
    assert elsewhere()
    do(database, lock, kielo, person.id)
    with database.transaction() as tx:
        organizations.suspend(tx, kielo.id, by=OPERATOR)
    assert elsewhere()
    do(database, remove, kielo, person.id)
    assert not elsewhere()
