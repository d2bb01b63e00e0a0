"""Threads take turns, and nobody who waits for the world keeps the others waiting."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import select, text, update

from idp.audit import advance
from idp.audit.models import AuditCursor
from idp.errors import IdpError
from idp.foundation import turns
from idp.foundation.database import Database, Statement

PATIENCE = 30
COUNT = update(AuditCursor).values(position=AuditCursor.position + 1)


def test_one_thread_at_a_time_has_the_turn() -> None:
    inside, most = [0], [0]
    start = threading.Barrier(8)

    def run(_number: int) -> None:
        start.wait(PATIENCE)
        for _ in range(200):
            with turns.taken():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    assert most == [1]


def test_others_run_while_the_turn_is_given_up() -> None:
    waits, goes_on = threading.Event(), threading.Event()

    def wait() -> bool:
        with turns.taken(), turns.given_up():
            waits.set()
            return goes_on.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        assert waits.wait(PATIENCE)
        with turns.taken():
            goes_on.set()
        assert waiting.result(PATIENCE)


def test_a_thread_without_a_turn_gives_none_up() -> None:
    assert not turns.give_up()
    with turns.given_up():
        assert turns.waiting(lambda: 7)() == 7


def test_the_turn_comes_back_whatever_is_raised_while_it_is_given_up() -> None:
    def fail() -> None:
        raise ValueError("failed")

    with turns.taken():
        with pytest.raises(ValueError, match="failed"):
            turns.waiting(fail)()
        assert turns.give_up()
        turns.take_again()


def test_units_of_work_in_turns_never_wait_for_each_other_for_ever(database: Database) -> None:
    """A turn, the store's writer and one row are waited for in every order, by 12 threads."""
    with database.transaction() as tx:
        advance(tx, "row", 0)

    def work(number: int) -> int:
        for _ in range(10):
            with turns.taken() if number % 3 else nullcontext(), database.transaction() as tx:
                if number % 2:
                    tx.session.execute(COUNT)
                else:
                    tx.run(Statement(COUNT))
        return number

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(work, range(12), timeout=4 * PATIENCE)) == list(range(12))
    with database.reading() as tx:
        assert tx.session.scalar(select(AuditCursor.position)) == 120


def test_a_failed_statement_of_the_orm_keeps_the_turn(database: Database) -> None:
    with turns.taken():
        with pytest.raises(IdpError), database.transaction() as tx:
            tx.session.execute(text("SELECT nothing FROM nowhere"))
        assert turns.give_up()
        turns.take_again()
