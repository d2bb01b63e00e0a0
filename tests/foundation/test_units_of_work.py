"""Units of work that come together commit together, and each fails alone."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, text

from idp.authorization.models import RevokedToken
from idp.errors import Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Database, Statement, Transaction

_NOTE = Statement(insert(RevokedToken).values(jti=bindparam("jti"), expires_at=bindparam("at")))
_NOTED = Statement(select(RevokedToken.jti).order_by(RevokedToken.jti))


def note(tx: Transaction, name: str) -> None:
    tx.run(_NOTE, jti=name, at=utcnow())


def noted(database: Database) -> list[str]:
    with database.reading() as tx:
        return [row.jti for row in tx.all(_NOTED)]


def together(database: Database, *works: Callable[[Transaction], object]) -> list[Future[None]]:
    """Run each work in a unit of its own, the first one still open when the others come."""
    begun, others_wait = threading.Event(), threading.Event()

    def first() -> None:
        with database.transaction() as tx:
            begun.set()
            assert others_wait.wait(10)
            works[0](tx)

    def other(work: Callable[[Transaction], object]) -> None:
        with database.transaction() as tx:
            work(tx)

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(first)]
        assert begun.wait(10)
        futures += [pool.submit(other, work) for work in works[1:]]
        if database.is_sqlite:
            wait_until(lambda: len(database._writer._coming) == len(works) - 1)
        others_wait.set()
    return futures


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def commits(provider: Any) -> list[str]:
    """The COMMITs of SQLite's writer, as they come."""
    database: Database = provider.database
    seen: list[str] = []
    if database.is_sqlite:
        with database.transaction() as tx:
            driver = tx._held.driver
        driver.set_trace_callback(lambda sql: seen.append(sql) if sql == "COMMIT" else None)
    return seen


def test_those_who_come_together_are_all_written_by_one_commit(
    database: Database, commits: list[str]
) -> None:
    futures = together(
        database, *[lambda tx, name=name: note(tx, name) for name in ("a", "b", "c", "d")]
    )

    assert [future.exception() for future in futures] == [None] * 4
    assert noted(database) == ["a", "b", "c", "d"]
    assert len(commits) == (1 if database.is_sqlite else 0)


def test_one_that_fails_takes_only_its_own_along(database: Database) -> None:
    def fail(tx: Transaction) -> None:
        note(tx, "lost")
        raise LookupError

    def clash(tx: Transaction) -> None:
        note(tx, "lost too")
        note(tx, "lost too")

    futures = together(
        database,
        lambda tx: note(tx, "a"),
        fail,
        lambda tx: note(tx, "b"),
        clash,
        lambda tx: note(tx, "c"),
    )

    assert [type(future.exception()) for future in futures] == [
        type(None),
        LookupError,
        type(None),
        Conflict,
        type(None),
    ]
    assert noted(database) == ["a", "b", "c"]


def test_a_first_one_that_fails_leaves_the_others_whole(database: Database) -> None:
    def fail(tx: Transaction) -> None:
        note(tx, "lost")
        raise LookupError

    failed, *others = together(database, fail, lambda tx: note(tx, "a"), lambda tx: note(tx, "b"))

    assert isinstance(failed.exception(), LookupError)
    assert [future.exception() for future in others] == [None, None]
    assert noted(database) == ["a", "b"]


def test_a_full_disk_is_told_to_everyone_whose_work_it_undoes(database: Database) -> None:
    """SQLite rolls everything back then, so nobody may believe that theirs is written."""

    def fill(tx: Transaction) -> None:
        if not database.is_sqlite:
            raise Unavailable
        tx.session.execute(text("PRAGMA max_page_count = 1"))
        for number in range(1000):
            note(tx, f"{number}" * 100)

    first, full = together(database, lambda tx: note(tx, "a"), fill)

    assert isinstance(full.exception(), Unavailable)
    if database.is_sqlite:
        assert isinstance(first.exception(), Unavailable)
        assert noted(database) == []
        with database.transaction() as tx:
            tx.session.execute(text("PRAGMA max_page_count = 1000000"))
    with database.transaction() as tx:
        note(tx, "b")
    assert "b" in noted(database)
