"""Finding persons, locking and unlocking them."""

from datetime import timedelta

import pytest

from idp.audit import Event
from idp.directory import persons, usernames
from idp.errors import NotFound
from idp.foundation.clock import shifted
from idp.foundation.database import Database
from tests.directory.world import OPERATOR, add, events, found, read


def test_a_locked_account_has_nothing_that_was_begun_before(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    with shifted(timedelta(hours=1)), database.transaction() as tx:
        persons.lock(tx, person.id, by=OPERATOR, reason="Väärinkäyttö")

    locked = read(database, "aino")
    assert locked.locked_at == locked.valid_since > person.created_at + timedelta(minutes=59)
    with database.reading() as tx:
        assert events(tx, Event.PERSON_LOCKED) == [{"reason": "Väärinkäyttö"}]


def test_locking_twice_is_locking_once_and_unlocking_revives_nothing(database: Database) -> None:
    person = add(database, found(database, "vanamo"), "aino").person
    with database.transaction() as tx:
        persons.lock(tx, person.id, by=OPERATOR)
    first = read(database, "aino").valid_since
    with shifted(timedelta(hours=1)), database.transaction() as tx:
        persons.lock(tx, person.id, by=OPERATOR)
    for _ in range(2):
        with database.transaction() as tx:
            persons.unlock(tx, person.id, by=OPERATOR)

    unlocked = read(database, "aino")
    assert (unlocked.locked_at, unlocked.valid_since) == (None, first)
    with database.reading() as tx:
        assert len(events(tx, Event.PERSON_LOCKED)) == 1
        assert len(events(tx, Event.PERSON_UNLOCKED)) == 1


@pytest.mark.parametrize("person_id", ["nobody", "", "\x00", "\ud800"])
def test_a_person_that_is_not_there_is_not_found(database: Database, person_id: str) -> None:
    with database.reading() as tx, pytest.raises(NotFound):
        persons.get(tx, person_id)


@pytest.mark.parametrize("typed", ["", " ", "nobody", "a\x00b", "\ud800abc", "x" * 100_000])
def test_whatever_is_typed_as_a_username_finds_nobody_or_somebody(
    database: Database, typed: str
) -> None:
    add(database, found(database, "vanamo"), "aino")

    with database.reading() as tx:
        assert persons.by_username(tx, typed) is None
        assert usernames.owner(tx, typed) is None
