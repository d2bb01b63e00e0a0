"""Taking turns: of a worker's threads one runs a protocol request, the others wait for the world.

Python lets one thread run at a time anyway. Left to itself it hands over at every statement of the
database, ten times a request and for nothing, and that costs more than the statements do
(docs/performance.md). So a request keeps its turn, and gives it up only where it really waits: for
a commit, a statement that travels, a hash, another server, a lock whose holder may do so.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_turn = threading.Lock()
_here = threading.local()


@contextmanager
def taken() -> Iterator[None]:
    """Run the block in a turn of this thread's own; not inside another one."""
    with _turn:
        _here.runs = True
        try:
            yield
        finally:
            _here.runs = False


def give_up() -> bool:
    """Let others run; False where this thread has no turn. Whatever comes, `take_again` after."""
    if not getattr(_here, "runs", False):
        return False
    _here.runs = False
    _turn.release()
    return True


def take_again() -> None:
    """Wait for the next turn."""
    _turn.acquire()
    _here.runs = True


@contextmanager
def given_up() -> Iterator[None]:
    """Let others run while the block waits; a thread that has no turn just runs the block."""
    if not give_up():
        yield
        return
    try:
        yield
    finally:
        take_again()


@contextmanager
def waited_for(lock: threading.Lock) -> Iterator[None]:
    """Hold a lock whose holders may give up their turn: nobody waits for it with a turn."""
    if not lock.acquire(blocking=False):
        with given_up():
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def waiting(deed: Callable[P, T]) -> Callable[P, T]:
    """The same deed, the turn given up while it lasts."""

    @wraps(deed)
    def wait(*args: P.args, **kwargs: P.kwargs) -> T:
        with given_up():
            return deed(*args, **kwargs)

    return wait
