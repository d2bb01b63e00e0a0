"""What is put into the outbox is sent, at least once, by whichever worker comes first."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.foundation import outbox
from idp.foundation.clock import shifted
from idp.foundation.database import Database
from idp.foundation.outbox import Item, Worker
from idp.foundation.outbox_queue import LEASE
from tests.foundation.outbox_sender import SECOND, Sender, items, put, the_item


class Killed(BaseException):
    """The process ends here and now."""


class Undone(Exception):
    """The deed fails."""


def fail_after_putting(database: Database) -> None:
    with database.transaction() as tx:
        outbox.put(tx, "letter", {"number": 1})
        raise Undone


def test_what_is_put_in_is_sent_once_and_is_then_sent(database: Database) -> None:
    put(database, 1, 2)
    sender = Sender()
    worker = Worker(database, {"letter": sender})

    assert worker.run_once() == 2
    assert worker.run_once() == 0

    assert sender.numbers == [1, 2]
    first = items(database)[0]
    assert (first.state, first.attempts, first.problem) == ("sent", 1, None)
    assert first.finished_at is not None
    assert (sender.sent[0].organization_id, sender.sent[0].person_id) == ("vanamo", "anna")
    assert sender.sent[0].id == first.id


def test_a_pass_is_bounded_so_that_no_kind_keeps_the_others_waiting(database: Database) -> None:
    put(database, *range(25))
    worker = Worker(database, {"letter": Sender()})

    assert [worker.run_once(), worker.run_once(), worker.run_once()] == [20, 5, 0]


def test_a_deed_that_fails_sends_nothing(database: Database) -> None:
    with pytest.raises(Undone):
        fail_after_putting(database)

    assert Worker(database, {"letter": Sender()}).run_once() == 0
    assert items(database) == []


def test_workers_at_once_send_each_item_once(database: Database) -> None:
    put(database, *range(40))
    together = threading.Barrier(4)
    sender = Sender()

    def node(_number: int) -> int:
        together.wait()
        settled = 0
        while count := Worker(database, {"letter": sender}).run_once():
            settled += count
        return settled

    with ThreadPoolExecutor(4) as nodes:
        settled = sum(nodes.map(node, range(4)))

    assert settled == 40
    assert sorted(sender.numbers) == list(range(40))


def test_a_worker_killed_after_sending_leaves_an_item_that_is_sent_again_under_its_id(
    database: Database,
) -> None:
    put(database, 1)
    seen: list[str] = []

    def send_and_die(item: Item) -> None:
        seen.append(item.id)
        raise Killed

    with pytest.raises(Killed):
        Worker(database, {"letter": send_and_die}).run_once()
    survivor = Sender()
    with shifted(LEASE - SECOND):
        assert Worker(database, {"letter": survivor}).run_once() == 0
    with shifted(LEASE + SECOND):
        assert Worker(database, {"letter": survivor}).run_once() == 1

    assert [item.id for item in survivor.sent] == seen
    assert the_item(database).state == "sent"
