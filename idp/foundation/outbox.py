"""The outbox: what is to be sent leaves after the deed that causes it has committed.

`put` writes an item inside the caller's transaction; a `Worker`, or several on several nodes, sends
it outside of any. Each item is sent at least once: a node that dies between the sending and writing
that down leaves an item that is sent again. So whatever is sent carries the item's id (a mail as
its ``Message-ID``), by which its receiver tells a repetition from something new.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Lock
from typing import Literal

from idp.errors import IdpError, Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Transaction
from idp.foundation.outbox_queue import (
    Backlog,
    Item,
    backlog,
    claim,
    due_lanes,
    forget,
    hold,
    postpone,
    put,
    settle,
)
from idp.foundation.secrets import digest

__all__ = [
    "Backlog",
    "Bounced",
    "FollowUp",
    "GivenUp",
    "Handler",
    "Item",
    "Retry",
    "Undelivered",
    "Worker",
    "backlog",
    "forget",
    "put",
]

PATIENCE = timedelta(days=3)
"""How long an item is tried before it counts as failed, where its kind has no other patience."""

_ROLLOUT = timedelta(hours=1)
"""How long an item of an unknown kind waits for a node of the version that knows it."""
_FIRST_DELAY = timedelta(seconds=10)
_LONGEST_DELAY = timedelta(minutes=15)
_LONGEST_PROBLEM = 500
_BATCH = 20
_ENOUGH_FAILURES = 3
_LANE_PAUSE = timedelta(seconds=30)
"""How long a receiver with a lane of its own is left alone after it failed."""

log = logging.getLogger(__name__)

FollowUp = Callable[[Transaction], object]
"""What is recorded in the transaction that takes an item out of the queue."""

Handler = Callable[[Item], FollowUp | None]
"""Sends an item, outside of any transaction; raises Bounced, Retry or GivenUp. Whatever else it
raises is our own mistake or misfortune: logged, and tried again."""


class Undelivered(IdpError):
    """Why something was not sent: ``problem``, in the other side's words where it spoke.

    ``follow_up`` is applied if the item leaves the queue because of it.
    """

    code = "undelivered"
    status = 502

    def __init__(self, problem: str, *, follow_up: FollowUp | None = None) -> None:
        visible = "".join(letter if letter.isprintable() else " " for letter in problem)
        self.problem = " ".join(visible.split())[:_LONGEST_PROBLEM]
        self.follow_up = follow_up
        super().__init__()


class Bounced(Undelivered):
    """The other side refused for good."""


class GivenUp(Undelivered):
    """Sending it makes no sense any more, say because the link in it has expired."""


class Retry(Undelivered):
    """Not now: it is tried again for as long as its kind's patience lasts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    """What became of a try; ``queued`` means that there is to be another."""

    state: Literal["queued", "sent", "bounced", "failed"]
    problem: str | None = None
    follow_up: FollowUp | None = None


class Worker:
    """Sends what is due. Any number may run at once, in threads and on nodes."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        patience: Mapping[str, timedelta] | None = None,
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._patience = patience or {}
        self._lock = Lock()
        self._taken: set[tuple[str, str]] = set()

    def run(self, stop: Event, *, pause: timedelta = timedelta(seconds=1)) -> None:
        """Send until ``stop`` is set; what is being sent then is still finished."""
        while not stop.is_set():
            if not self._run_safely(stop):
                stop.wait(pause.total_seconds())

    def _run_safely(self, stop: Event) -> int:
        """`run_once` for a loop that nothing ends but ``stop``."""
        try:
            return self.run_once(stop)
        except Unavailable:
            log.warning("the outbox's database is away")
        except Exception:
            log.exception("the outbox's worker failed")
        return 0

    def run_once(self, stop: Event | None = None) -> int:
        """Try a bounded number of due items of each kind; returns how many left the queue."""
        with self._database.reading() as tx:
            lanes = due_lanes(tx)
        return sum(self._work_through(kind, lane, stop or Event()) for kind, lane in lanes)

    def _work_through(self, kind: str, lane: str, stop: Event) -> int:
        if not lane:
            return self._batch(kind, lane, stop, enough=_ENOUGH_FAILURES)[0]
        with self._alone_in(kind, lane) as is_free:
            if not is_free:
                return 0
            settled, is_down = self._batch(kind, lane, stop, enough=1)
            if is_down:
                with self._database.transaction() as tx:
                    hold(tx, kind, lane, until=utcnow() + _LANE_PAUSE)
            return settled

    def _batch(self, kind: str, lane: str, stop: Event, *, enough: int) -> tuple[int, bool]:
        """How many left the queue, and whether so many failures in a row say: the side is down."""
        settled = failures = 0
        for _ in range(_BATCH):
            # No use asking a side that is down for each item.
            if stop.is_set() or failures == enough:
                break
            with self._database.transaction() as tx:
                item = claim(tx, kind, lane)
            if item is None:
                break
            is_settled = self._deliver(item)
            settled += is_settled
            failures = 0 if is_settled else failures + 1
        return settled, failures == enough

    @contextmanager
    def _alone_in(self, kind: str, lane: str) -> Iterator[bool]:
        """Whether no other thread of ours is in this lane: a receiver that hangs holds up one."""
        with self._lock:
            is_free = (kind, lane) not in self._taken
            self._taken.add((kind, lane))
        try:
            yield is_free
        finally:
            if is_free:
                self._taken.discard((kind, lane))

    def _deliver(self, item: Item) -> bool:
        """Try one item and write down what became of it; whether it left the queue."""
        outcome = _try(self._handlers.get(item.kind, _no_handler), item)
        if outcome.state == "queued" and self._is_patient(item):
            with self._database.transaction() as tx:
                postpone(tx, item, outcome.problem, until=utcnow() + delay(item))
            return False
        self._settle(item, outcome)
        return True

    def _is_patient(self, item: Item) -> bool:
        is_known = item.kind in self._handlers
        patience = self._patience.get(item.kind, PATIENCE) if is_known else _ROLLOUT
        return utcnow() - item.created_at < patience

    def _settle(self, item: Item, outcome: _Outcome) -> None:
        fate = "failed" if outcome.state == "queued" else outcome.state
        try:
            with self._database.transaction() as tx:
                if settle(tx, item, fate, outcome.problem) and outcome.follow_up:
                    outcome.follow_up(tx)
        except Unavailable:
            raise
        except Exception:
            # What follows from a sending must not make us send the same again and again.
            log.exception("what follows from %s of kind %s failed", item.id, item.kind)
            with self._database.transaction() as tx:
                settle(tx, item, fate, outcome.problem)


def delay(item: Item) -> timedelta:
    """How long to wait after a failed try: doubled each time up to a bound, spread by chance."""
    doubled = min(_FIRST_DELAY * 2 ** min(item.attempts - 1, 16), _LONGEST_DELAY)
    chance = digest(f"{item.id} {item.attempts}")[0] / 255
    return timedelta(seconds=doubled.total_seconds() * (0.8 + 0.4 * chance))


def _try(handler: Handler, item: Item) -> _Outcome:
    try:
        return _Outcome(state="sent", follow_up=handler(item))
    except Bounced as error:
        return _Outcome(state="bounced", problem=error.problem, follow_up=error.follow_up)
    except GivenUp as error:
        return _Outcome(state="failed", problem=error.problem, follow_up=error.follow_up)
    except Retry as error:
        return _Outcome(state="queued", problem=error.problem, follow_up=error.follow_up)
    except Exception as error:
        log.exception("sending %s of kind %s failed", item.id, item.kind)
        return _Outcome(state="queued", problem=type(error).__name__)


def _no_handler(item: Item) -> None:
    raise Retry(f"nothing here sends {item.kind}")
