"""The loop that empties the outbox, and what is told of the queue."""

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

from idp.errors import Unavailable
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Database
from idp.foundation.outbox import Item, Worker
from tests.foundation.outbox_sender import HOUR, Sender, items, put, the_item


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
