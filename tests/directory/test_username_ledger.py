"""A username is for ever: M17, M18 and the question who held it when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from idp.audit import Event
from idp.directory import persons, usernames
from idp.errors import Invalid, NotFound, Refused
from idp.foundation.clock import shifted, utcnow
from idp.foundation.database import Database
from tests.directory.world import OPERATOR, add, events, found, new, read


def rename(database: Database, person_id: str, username: str, reason: str = "Nimi vaihtui") -> str:
    with database.transaction() as tx:
        return usernames.rename(tx, person_id, username, by=OPERATOR, reason=reason)


def code(database: Database, person_id: str, username: str) -> str:
    with pytest.raises(Invalid) as refused:
        rename(database, person_id, username)
    return refused.value.fields["username"]


def test_a_new_username_leaves_sub_and_everything_else_as_it_was(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino@vanamo.example").person

    assert rename(database, person.id, "Aino.Mäkinen") == "aino@vanamo.example"

    renamed = read(database, "aino.mäkinen")
    assert (renamed.id, renamed.username) == (person.id, "Aino.Mäkinen")
    assert (renamed.email, renamed.valid_since) == ("aino@vanamo.example", person.valid_since)
    with database.reading() as tx:
        assert persons.by_username(tx, "aino@vanamo.example") is None


def test_the_portal_can_be_told_of_the_old_and_the_new_username(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    rename(database, person.id, "aino.makinen", "Avioliitto")

    with database.reading() as tx:
        assert events(tx, Event.USERNAME_CHANGED) == [
            {"old": "aino", "new": "aino.makinen", "reason": "Avioliitto"}
        ]


@pytest.mark.parametrize("wanted", ["bertta", "BERTTA", "  Bertta ", "ｂertta"])
def test_a_username_that_another_holds_is_refused(database: Database, wanted: str) -> None:
    organization = found(database, "vanamo")
    add(database, organization, "bertta")
    person = add(database, organization, "aino").person

    assert code(database, person.id, wanted) == "username_taken"
    assert read(database, "aino").id == person.id


def test_a_username_that_another_once_held_is_refused_in_the_same_words(
    database: Database,
) -> None:
    organization = found(database, "vanamo")
    bertta = add(database, organization, "bertta").person
    rename(database, bertta.id, "bertta.nieminen")
    person = add(database, organization, "aino").person

    assert code(database, person.id, "Bertta") == "username_taken"
    with pytest.raises(Invalid) as refused:
        add(database, organization, new("bertta", "Berit", "Öhman"))
    assert refused.value.fields == {"username": "username_taken"}


def test_a_person_may_return_to_a_username_of_their_own_past(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    rename(database, person.id, "aino.makinen")
    rename(database, person.id, "aino")

    assert read(database, "aino").id == person.id
    with database.reading() as tx:
        past = usernames.history(tx, person.id)
    assert [period.username for period in past] == ["aino", "aino.makinen", "aino"]


def test_only_the_writing_of_a_username_may_change(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    rename(database, person.id, "Aino")

    assert read(database, "AINO").username == "Aino"
    assert code(database, person.id, "Aino") == "username_unchanged"


def test_a_change_says_why(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person

    with pytest.raises(Invalid) as refused:
        rename(database, person.id, "a b", " ")

    assert refused.value.fields == {"username": "username_spaces", "reason": "required"}


def test_nobody_is_not_renamed(database: Database) -> None:
    with pytest.raises(NotFound):
        rename(database, "nobody", "aino")


def test_the_ledger_says_who_held_a_username_at_any_moment(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    begun = utcnow()
    with shifted(timedelta(days=10)):
        rename(database, person.id, "aino.makinen", "Avioliitto")
    with shifted(timedelta(days=20)):
        rename(database, person.id, "aino", "Ero")

    def holder(username: str, day: int) -> str | None:
        with database.reading() as tx:
            period = usernames.held_by(tx, username, begun + timedelta(days=day))
        return period.person_id if period else None

    assert holder("aino", -1) is None
    assert holder("AINO", 1) == person.id
    assert holder("aino", 15) is None
    assert holder("aino.makinen", 5) is None
    assert holder("aino.makinen", 15) == person.id
    assert holder("aino.makinen", 25) is None
    assert holder("aino", 25) == person.id
    assert holder("bertta", 15) is None


def test_no_moment_lies_between_two_usernames(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    rename(database, person.id, "aino.makinen", "Avioliitto")

    with database.reading() as tx:
        now, before = usernames.history(tx, person.id)
        at_the_change = usernames.held_by(tx, "aino", now.held_from)
    assert before.held_until == now.held_from
    assert (now.held_until, now.reason, now.changed_by) == (None, "Avioliitto", "operator:olli")
    assert at_the_change is None


def test_whose_a_username_is_or_was_is_known_without_a_moment(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    rename(database, person.id, "aino.makinen")

    with database.reading() as tx:
        assert usernames.owner(tx, "aino") == usernames.owner(tx, "Aino.Makinen") == person.id
        assert usernames.owner(tx, "bertta") is None
        assert usernames.held_by(tx, "aino") is None
        current = usernames.held_by(tx, "aino.makinen")
    assert current is not None
    assert current.person_id == person.id
    assert current.held_from > datetime(2020, 1, 1, tzinfo=UTC)


def test_one_of_many_who_want_the_same_username_at_once_gets_it(database: Database) -> None:
    organization = found(database, "vanamo")
    many = [add(database, organization, f"person-{number}").person.id for number in range(6)]
    together = Barrier(len(many), timeout=20)

    def take(person_id: str) -> bool:
        together.wait()
        try:
            rename(database, person_id, "Wanted")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(len(many)) as threads:
        outcomes = list(threads.map(take, many))

    assert outcomes.count(True) == 1
    assert read(database, "wanted").id == many[outcomes.index(True)]
    with database.reading() as tx:
        assert usernames.owner(tx, "wanted") == many[outcomes.index(True)]


def test_two_renamings_of_one_person_at_once_leave_one_open_period(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    together = Barrier(2, timeout=20)

    def to(username: str) -> None:
        together.wait()
        rename(database, person.id, username)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(to, ["aino.one", "aino.two"]))

    with database.reading() as tx:
        past = usernames.history(tx, person.id)
        last = persons.get(tx, person.id).username
    assert len(past) == 3
    assert [period.username for period in past if period.held_until is None] == [last]
