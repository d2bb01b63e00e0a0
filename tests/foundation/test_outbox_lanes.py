"""Receivers with lanes of their own: whoever is down or hangs holds up nobody else."""

import threading
import time
from collections.abc import Callable

from idp.foundation.clock import shifted
from idp.foundation.database import Database
from idp.foundation.outbox import FollowUp, Item, Retry, Worker
from tests.foundation.outbox_sender import SECOND, Sender, items, put


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_receiver_that_is_down_is_asked_once_and_its_lane_rests(database: Database) -> None:
    put(database, 1, 2, 3, lane="down")
    put(database, 4, 5, lane="up")
    down = Sender(*(Retry("timeout") for _ in range(3)))

    def send(item: Item) -> FollowUp | None:
        return down(item) if item.payload["number"] < 4 else up(item)

    up, worker = Sender(), Worker(database, {"letter": send})
    assert worker.run_once() == 2
    assert up.numbers == [4, 5]
    assert [item.attempts for item in items(database)] == [1, 0, 0, 1, 1]
    assert worker.run_once() == 0
    for seconds in (31, 62, 150):
        with shifted(seconds * SECOND):
            worker.run_once()
    assert {item.state for item in items(database)} == {"sent"}


def test_a_receiver_that_hangs_holds_up_one_thread_and_nobody_else(database: Database) -> None:
    put(database, *range(5), lane="hangs")
    put(database, *range(5, 10), lane="answers")
    let_go, stop, sent = threading.Event(), threading.Event(), Sender()
    is_hanging = threading.Semaphore(0)

    def send(item: Item) -> FollowUp | None:
        if item.payload["number"] < 5:
            is_hanging.release()
            assert let_go.wait(30)
        return sent(item)

    worker = Worker(database, {"letter": send})
    threads = [threading.Thread(target=worker.run, args=[stop]) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert is_hanging.acquire(timeout=30)
        wait_until(lambda: sent.numbers == [5, 6, 7, 8, 9])
        assert not is_hanging.acquire(blocking=False)
        let_go.set()
        wait_until(lambda: len(sent.numbers) == 10)
    finally:
        let_go.set()
        stop.set()
        for thread in threads:
            thread.join()
