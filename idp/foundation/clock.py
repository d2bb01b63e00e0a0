"""The one source of time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shifts: list[timedelta] = []


def utcnow() -> datetime:
    """The current moment, aware, in UTC."""
    now = datetime.now(UTC)
    return now + sum(_shifts, timedelta(0)) if _shifts else now


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Run a block as if it were ``by`` later: how tests stand on both sides of a boundary."""
    _shifts.append(by)
    try:
        yield
    finally:
        _shifts.pop()
