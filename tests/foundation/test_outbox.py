"""What is put into the outbox is sent, at least once, by whichever worker comes first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from idp.errors import Unavailable
from idp.foundation import outbox
from idp.foundation.clock import shifted, utcnow
from idp.foundation.database import Database, Transaction
from idp.foundation.outbox import Bounced, FollowUp, GivenUp, Item, Retry, Worker
from idp.foundation.outbox_models import OutboxItem
from idp.foundation.outbox_queue import LEASE, claim

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=seconds) for seconds in (1, 60, 3600, 86400))


class Killed(BaseException):
    """The process ends here and now."""


class Undone(Exception):
    """The deed fails."""


class Sender:
    """A handler that remembers what it sent and fails as it is told."""

    def __init__(self, *failures: BaseException, follow_up: FollowUp | None = None) -> None:
        self.sent: list[Item] = []
        self._failures = list(failures)
        self._follow_up = follow_up

    def __call__(self, item: Item) -> FollowUp | None:
        if self._failures:
            raise self._failures.pop(0)
        self.sent.append(item)
        return self._follow_up

    @property
    def numbers(self) -> list[int]:
        return [item.payload["number"] for item in self.sent]


def put(database: Database, *numbers: int, kind: str = "letter") -> None:
    for number in numbers:
        with database.transaction() as tx:
            outbox.put(tx, kind, {"number": number}, organization_id="vanamo", person_id="anna")


def items(database: Database) -> list[OutboxItem]:
    with database.reading() as tx:
        return list(tx.session.scalars(select(OutboxItem).order_by(OutboxItem.created_at)))


def the_item(database: Database) -> OutboxItem:
    [item] = items(database)
    return item


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


def test_a_bounce_is_final_and_kept_in_the_words_of_the_other_side(database: Database) -> None:
    put(database, 1)
    sender = Sender(Bounced("550 5.1.1\r\n No such user\x00 here " + "x" * 1000))

    assert Worker(database, {"letter": sender}).run_once() == 1

    item = the_item(database)
    assert item.state == "bounced"
    assert item.problem is not None
    assert item.problem.startswith("550 5.1.1 No such user here xxx")
    assert len(item.problem) == 500
    with shifted(DAY):
        assert Worker(database, {"letter": sender}).run_once() == 0


def test_what_makes_no_sense_any_more_is_given_up(database: Database) -> None:
    put(database, 1)

    assert Worker(database, {"letter": Sender(GivenUp("the link expired"))}).run_once() == 1

    assert (the_item(database).state, the_item(database).problem) == ("failed", "the link expired")


def test_after_an_outage_everything_is_sent(database: Database) -> None:
    put(database, 1, 2)
    sender = Sender(Retry("connection refused"), Retry("connection refused"))
    worker = Worker(database, {"letter": sender})

    assert worker.run_once() == 0
    assert [item.problem for item in items(database)] == ["connection refused"] * 2
    assert worker.run_once() == 0
    assert sender.sent == []

    with shifted(MINUTE):
        assert worker.run_once() == 2
    assert sorted(sender.numbers) == [1, 2]
    assert {item.state for item in items(database)} == {"sent"}


def test_it_is_tried_for_three_days_and_then_has_failed(database: Database) -> None:
    put(database, 1)
    sender = Sender(*(Retry("busy") for _ in range(3)))
    worker = Worker(database, {"letter": sender})

    with shifted(3 * DAY - HOUR):
        assert worker.run_once() == 0
    assert the_item(database).state == "queued"
    with shifted(3 * DAY + SECOND):
        assert worker.run_once() == 1

    assert (the_item(database).state, the_item(database).problem) == ("failed", "busy")


def test_a_kind_may_have_a_patience_of_its_own(database: Database) -> None:
    put(database, 1)
    worker = Worker(database, {"letter": Sender(Retry("busy"))}, patience={"letter": HOUR})

    with shifted(HOUR + SECOND):
        assert worker.run_once() == 1

    assert the_item(database).state == "failed"


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (3, 40), (7, 640), (8, 900), (5000, 900)]
)
def test_waits_double_up_to_a_quarter_of_an_hour_and_are_spread_by_a_fifth(
    attempts: int, seconds: int
) -> None:
    waits = {
        outbox.delay(
            Item(
                id=str(number),
                kind="letter",
                payload={},
                organization_id=None,
                person_id=None,
                created_at=utcnow(),
                attempts=attempts,
            )
        )
        for number in range(200)
    }

    assert min(waits) >= timedelta(seconds=0.8 * seconds)
    assert max(waits) <= timedelta(seconds=1.2 * seconds)
    assert len(waits) > 50


def test_our_own_mistake_is_tried_again_and_its_text_is_not_stored(database: Database) -> None:
    put(database, 1)
    sender = Sender(KeyError("s3cret"))
    worker = Worker(database, {"letter": sender})

    assert worker.run_once() == 0
    assert (the_item(database).state, the_item(database).problem) == ("queued", "KeyError")
    with shifted(MINUTE):
        assert worker.run_once() == 1
    assert sender.numbers == [1]


def test_one_bad_item_does_not_hold_up_the_others(database: Database) -> None:
    put(database, 1, 2, 3)
    sender = Sender(Retry("450 mailbox busy"))

    assert Worker(database, {"letter": sender}).run_once() == 2
    assert sender.numbers == [2, 3]


def test_a_service_that_is_down_is_not_asked_for_every_item_and_holds_up_no_other(
    database: Database,
) -> None:
    put(database, *range(10), kind="letter")
    put(database, *range(2), kind="call")
    down = Sender(*(Retry("connection refused") for _ in range(10)))
    up = Sender()

    assert Worker(database, {"letter": down, "call": up}).run_once() == 2

    assert up.numbers == [0, 1]
    assert [item.attempts for item in items(database) if item.kind == "letter"].count(0) == 7


def test_an_unknown_kind_waits_an_hour_for_a_newer_node_and_then_has_failed(
    database: Database,
) -> None:
    put(database, 1, kind="telegram")
    worker = Worker(database, {"letter": Sender()})

    assert worker.run_once() == 0
    assert the_item(database).state == "queued"
    with shifted(HOUR + SECOND):
        assert worker.run_once() == 1

    assert the_item(database).state == "failed"
    assert the_item(database).problem == "nothing here sends telegram"


# What follows from a sending


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


# The loop, and what is said of the queue


def test_the_loop_sends_until_it_is_stopped(database: Database) -> None:
    put(database, 1, 2, 3)
    stop = threading.Event()
    sent: list[int] = []

    def send(item: Item) -> None:
        sent.append(item.payload["number"])
        if len(sent) == 2:
            stop.set()

    Worker(database, {"letter": send}).run(stop)

    assert sent == [1, 2]
    assert [item.state for item in items(database)] == ["sent", "sent", "queued"]


class Flaky(Database):
    """A database that is away for the first requests."""

    def __init__(self, database: Database, *failures: Exception) -> None:
        super().__init__(database.engine)
        self._failures = list(failures)

    def reading(self) -> Any:
        if self._failures:
            raise self._failures.pop(0)
        return super().reading()


def test_the_loop_outlives_the_databases_absence_and_our_mistakes(database: Database) -> None:
    put(database, 1)
    stop = threading.Event()
    sent: list[str] = []

    def send(item: Item) -> None:
        sent.append(item.id)
        stop.set()

    with closing(Flaky(database, Unavailable(), RuntimeError("a mistake"))) as flaky:
        Worker(flaky, {"letter": send}).run(stop, pause=timedelta(0))

    assert len(sent) == 1


def test_the_backlog_says_how_much_waits_and_since_when(database: Database) -> None:
    with database.reading() as tx:
        assert outbox.backlog(tx) == outbox.Backlog(waiting=0, oldest_at=None)
    put(database, 1, 2)
    oldest = items(database)[0].created_at

    with database.reading() as tx:
        assert outbox.backlog(tx) == outbox.Backlog(waiting=2, oldest_at=oldest)
    Worker(database, {"letter": Sender()}).run_once()
    with database.reading() as tx:
        assert outbox.backlog(tx).waiting == 0


def test_only_what_left_the_queue_long_ago_is_forgotten(database: Database) -> None:
    put(database, 1)
    Worker(database, {"letter": Sender()}).run_once()
    put(database, 2)

    with database.transaction() as tx:
        assert outbox.forget(tx, before=utcnow() - HOUR) == 0
        assert outbox.forget(tx, before=utcnow()) == 1
    assert the_item(database).state == "queued"
