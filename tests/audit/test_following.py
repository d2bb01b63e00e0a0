"""Consumers of the log: each record once, in order, each at its own pace."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp import audit
from idp.foundation.database import Conflict, Database
from tests.audit.deeds import lock


class Crash(Exception):
    """The node ends in the middle."""


def consume(database: Database, consumer: str, limit: int = 100) -> list[str]:
    """Take the next records as a consumer does, and say whom they are about."""
    with database.transaction() as tx:
        records = audit.follow(tx, consumer, limit=limit)
        if records:
            audit.advance(tx, consumer, records[-1].position)
    return [record.target_id for record in records]


def crash(database: Database) -> None:
    with database.transaction() as tx:
        [record] = audit.follow(tx, "logout")
        audit.advance(tx, "logout", record.position)
        raise Crash


def test_a_consumer_gets_every_sealed_record_once_and_in_order(database: Database) -> None:
    lock(database, "a", "b", "c")
    assert consume(database, "logout") == []

    audit.seal(database)
    assert consume(database, "logout", limit=2) == ["a", "b"]
    assert consume(database, "logout") == ["c"]
    assert consume(database, "logout") == []


def test_consumers_do_not_know_each_other(database: Database) -> None:
    lock(database, "a", "b")
    audit.seal(database)

    assert consume(database, "logout") == ["a", "b"]
    assert consume(database, "signals", limit=1) == ["a"]
    assert consume(database, "signals") == ["b"]


def test_a_consumer_that_fails_gets_the_records_again(database: Database) -> None:
    lock(database, "a")
    audit.seal(database)

    with pytest.raises(Crash):
        crash(database)

    assert consume(database, "logout") == ["a"]


def test_a_consumer_may_begin_at_the_end(database: Database) -> None:
    lock(database, "past")
    audit.seal(database)

    with database.transaction() as tx:
        audit.advance(tx, "logout", audit.last(tx).position)
    lock(database, "future")
    audit.seal(database)

    assert consume(database, "logout") == ["future"]


def test_nodes_that_follow_at_once_share_the_records(database: Database) -> None:
    persons = [str(number) for number in range(30)]
    lock(database, *persons)
    audit.seal(database)
    together = threading.Barrier(3)

    def node(_number: int) -> list[str]:
        taken: list[str] = []
        together.wait()
        while len(taken) < len(persons):
            try:
                more = consume(database, "logout", limit=4)
            except Conflict:
                continue
            if not more:
                break
            taken += more
        return taken

    with ThreadPoolExecutor(3) as nodes:
        taken = [person for part in nodes.map(node, range(3)) for person in part]

    assert sorted(taken) == sorted(persons)
