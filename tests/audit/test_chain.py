"""The sealed log: one gapless chain, and whatever is done to it behind our back shows."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from sqlalchemy import text

from idp import audit
from idp.foundation.database import Database
from tests.audit.deeds import ANNA, lock


def tamper(database: Database, statement: str) -> None:
    """Change the store behind the product's back."""
    with database.engine.begin() as connection:
        connection.execute(text(statement))


def verdict(database: Database, known: audit.Head = audit.BEGINNING) -> audit.Verdict:
    with database.reading() as tx:
        return audit.verify(tx, known=known)


def lines(database: Database) -> list[dict[str, object]]:
    with database.reading() as tx:
        return [json.loads(line) for line in audit.export(tx)]


def test_an_empty_log_holds(database: Database) -> None:
    assert audit.seal(database) == 0
    assert verdict(database) == audit.Verdict(checked=0, unsealed=0, head=audit.BEGINNING)


def test_sealing_gives_gapless_positions_in_order_and_the_chain_holds(database: Database) -> None:
    lock(database, *"abcdef")
    assert audit.seal(database) == 6
    lock(database, "g")
    before = verdict(database)
    assert audit.seal(database) == 1

    assert (before.checked, before.unsealed, before.broken_at) == (6, 1, None)
    found = verdict(database)
    assert (found.checked, found.unsealed, found.broken_at) == (7, 0, None)
    sealed = [(line["position"], line["target_id"]) for line in lines(database)]
    assert sealed == list(enumerate("abcdefg", start=1))


def test_a_stranger_can_compute_the_chain_from_the_export_alone(database: Database) -> None:
    lock(database, "Äiti")
    with database.transaction() as tx:
        awkward = "\U0001f600 \ud800 \x00 \u2028 \"'"
        audit.record(tx, audit.Event.PROBLEM_SHOWN, by=ANNA, tried=awkward, count=2**60, yes=True)
    audit.seal(database)

    previous = bytes(32)
    for line in lines(database):
        stated = bytes.fromhex(str(line.pop("hash")))
        content = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        assert sha256(previous + content.encode("ascii")).digest() == stated
        previous = stated
    assert verdict(database).head == audit.Head(position=2, hash=previous)


def test_more_records_than_a_batch_are_sealed_and_read_whole(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(1201):
            audit.record(tx, audit.Event.PERSON_ADDED, by=ANNA, target_id=str(number))

    assert audit.seal(database) == 1201
    assert verdict(database).checked == 1201
    assert [line["position"] for line in lines(database)] == list(range(1, 1202))


@pytest.mark.parametrize("provider", ["postgresql"], indirect=True)
def test_a_deed_that_commits_late_comes_after_what_was_sealed_before(database: Database) -> None:
    with database.transaction() as late:
        audit.record(late, audit.Event.PERSON_LOCKED, by=ANNA, target_id="late")
        lock(database, "early")
        audit.seal(database)
    audit.seal(database)

    assert [line["target_id"] for line in lines(database)] == ["early", "late"]
    assert verdict(database).problem is None


@pytest.mark.parametrize(
    "change",
    [
        "target_id = 'somebody else'",
        "actor_id = NULL",
        "actor_kind = 'system'",
        "organization_id = 'other'",
        "event = 'person.unlocked'",
        "at = at + 1",
        "reference = ''",
        "network = ''",
        'detail = \'{"reason": "other"}\'',
        "id = 'other'",
    ],
)
def test_an_altered_record_is_named(database: Database, change: str) -> None:
    lock(database, "a", "b", "c")
    audit.seal(database)

    tamper(database, f"UPDATE audit_record SET {change} WHERE position = 2")

    found = verdict(database)
    assert (found.broken_at, found.problem, found.checked) == (2, "altered", 1)


def test_an_altered_record_with_a_hash_to_match_breaks_the_next(database: Database) -> None:
    lock(database, "a", "b", "c")
    audit.seal(database)
    hashes = [bytes.fromhex(str(line["hash"])) for line in lines(database)]

    tamper(database, "UPDATE audit_record SET target_id = 'x' WHERE position = 2")
    forged = lines(database)[1]
    del forged["hash"]
    content = json.dumps(forged, sort_keys=True, separators=(",", ":"))
    rehash(database, position=2, value=sha256(hashes[0] + content.encode()).digest())

    found = verdict(database)
    assert (found.broken_at, found.problem) == (3, "altered")


def rehash(database: Database, *, position: int, value: bytes) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE audit_record SET hash = :value WHERE position = :position"),
            {"value": value, "position": position},
        )


def test_a_removed_record_is_named(database: Database) -> None:
    lock(database, "a", "b", "c")
    audit.seal(database)

    tamper(database, "DELETE FROM audit_record WHERE position = 2")

    found = verdict(database)
    assert (found.broken_at, found.problem) == (2, "missing")


def test_a_cut_end_shows_to_whoever_noted_the_head(database: Database) -> None:
    lock(database, "a", "b", "c")
    audit.seal(database)
    noted = verdict(database).head

    tamper(database, "DELETE FROM audit_record WHERE position = 3")

    assert verdict(database).problem is None
    found = verdict(database, known=noted)
    assert (found.broken_at, found.problem) == (3, "missing")


def test_a_chain_forged_from_the_start_shows_to_whoever_noted_the_head(database: Database) -> None:
    lock(database, "a", "b")
    audit.seal(database)
    noted = verdict(database).head

    tamper(database, "UPDATE audit_record SET target_id = 'x', position = NULL, hash = NULL")
    audit.seal(database)

    assert verdict(database).problem is None
    found = verdict(database, known=noted)
    assert (found.broken_at, found.problem) == (2, "altered")
    lock(database, "c")
    audit.seal(database)
    assert verdict(database, known=noted).broken_at == 3


def test_from_a_noted_head_only_the_rest_is_computed(database: Database) -> None:
    lock(database, "a", "b")
    audit.seal(database)
    noted = verdict(database).head
    lock(database, "c")
    audit.seal(database)

    found = verdict(database, known=noted)
    assert (found.checked, found.head.position, found.problem) == (1, 3, None)


def test_nodes_that_seal_at_once_make_one_chain(database: Database) -> None:
    lock(database, *(str(number) for number in range(40)))
    together = threading.Barrier(4)

    def node(number: int) -> int:
        together.wait()
        sealed = 0
        for deed in range(5):
            lock(database, f"{number}/{deed}")
            sealed += audit.seal(database)
        return sealed

    with ThreadPoolExecutor(4) as nodes:
        sealed = sum(nodes.map(node, range(4)))

    assert sealed == 60
    found = verdict(database)
    assert (found.checked, found.unsealed, found.problem) == (60, 0, None)
