"""What follows from a sending is written with its outcome, once."""

from typing import Any

import pytest

from idp.errors import Unavailable
from idp.foundation import outbox
from idp.foundation.clock import shifted
from idp.foundation.database import Database, Transaction
from idp.foundation.outbox import Bounced, FollowUp, GivenUp, Item, Retry, Worker
from idp.foundation.outbox_queue import LEASE, claim
from tests.foundation.outbox_sender import DAY, SECOND, Sender, items, put, the_item


def leave_trace(tx: Transaction) -> None:
    """A follow-up: one more item."""
    outbox.put(tx, "trace", {"number": 0})


def traces(database: Database) -> int:
    return sum(item.kind == "trace" for item in items(database))


@pytest.mark.parametrize("refusal", [None, Bounced, GivenUp])
def test_what_follows_is_recorded_with_the_outcome(
    database: Database, refusal: type[Bounced | GivenUp] | None
) -> None:
    put(database, 1)
    failures = [refusal("no", follow_up=leave_trace)] if refusal else []
    sender = Sender(*failures, follow_up=leave_trace)

    assert Worker(database, {"letter": sender}).run_once() == 1

    assert traces(database) == 1


def test_what_follows_from_a_failure_waits_until_it_is_final(database: Database) -> None:
    put(database, 1)
    sender = Sender(*(Retry("busy", follow_up=leave_trace) for _ in range(2)))
    worker = Worker(database, {"letter": sender})

    worker.run_once()
    assert traces(database) == 0
    with shifted(3 * DAY + SECOND):
        worker.run_once()
    assert traces(database) == 1


def test_a_mistake_in_what_follows_does_not_send_the_same_again(database: Database) -> None:
    put(database, 1)

    def mistaken(tx: Transaction) -> None:
        leave_trace(tx)
        raise KeyError("oops")

    sender = Sender(follow_up=mistaken)
    assert Worker(database, {"letter": sender}).run_once() == 1

    assert the_item(database).state == "sent"


def test_with_the_database_gone_after_sending_the_item_stays_for_later(database: Database) -> None:
    put(database, 1)

    def gone(tx: Transaction) -> None:
        raise Unavailable

    with pytest.raises(Unavailable):
        Worker(database, {"letter": Sender(follow_up=gone)}).run_once()

    assert the_item(database).state == "queued"
    with shifted(LEASE + SECOND):
        assert Worker(database, {"letter": Sender()}).run_once() == 1


def test_a_worker_whose_lease_ran_out_does_not_put_off_the_next_ones_try(
    database: Database,
) -> None:
    put(database, 1)
    then_due: list[Any] = []

    def slow(item: Item) -> None:
        with shifted(LEASE + SECOND), database.transaction() as tx:
            assert claim(tx, "letter") is not None
        then_due.append(the_item(database).due_at)
        raise Retry("too slow")

    Worker(database, {"letter": slow}).run_once()

    assert the_item(database).due_at == then_due[0]
    assert the_item(database).problem is None


def test_what_two_workers_sent_is_settled_and_followed_up_once(database: Database) -> None:
    put(database, 1)
    second = Sender(follow_up=leave_trace)

    def slow(item: Item) -> FollowUp:
        with shifted(LEASE + SECOND):
            assert Worker(database, {"letter": second}).run_once() == 1
        return leave_trace

    Worker(database, {"letter": slow}).run_once()

    assert traces(database) == 1
