"""What every ephemeral memory promises."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

MAX_VALUE = 65536
"""The largest value kept, in bytes; a larger one is forgotten at once."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How tries under one key slow down."""

    delays: tuple[timedelta, ...]
    """What the first, second, … try keeps the next one waiting; the last holds for all after it."""
    memory: timedelta
    """How long after the last try the count starts anew; longer than every delay."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The answer to a try: go, or wait."""

    wait: timedelta
    """How long until the next try may go; zero: this one may."""
    count: int
    """The highest count among the keys, this try included if it may go."""


class Ephemeral(Protocol):
    """Memory that may vanish, wholly or in part, at any moment; never raises for that."""

    @property
    def is_degraded(self) -> bool:
        """Whether the shared memory is out of reach, so that each process goes by its own."""

    def get(self, key: str) -> bytes | None:
        """The value; None if it expired, vanished or never was."""

    def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep ``value`` until ``ttl`` has passed, at most."""

    def delete(self, *keys: str) -> None:
        """Forget values, counts and tries under these keys."""

    def increment(self, key: str, ttl: timedelta) -> int:
        """Count one more and return the count, which starts anew ``ttl`` after its first one."""

    def take_turn(self, paces: Mapping[str, Pace], watched: Collection[str] = ()) -> Turn:
        """Count a try under every key of ``paces``, or under none if one of them must wait.

        One step that nothing comes between: of many at once, no more go than the paces say.
        ``watched`` keys may bid to wait too, but do not count.
        """

    def version(self, name: str) -> str:
        """A word that differs from before within a second of a `bump` in any process.

        It may differ without one: whoever caches by it reads anew, and is never stale.
        """

    def bump(self, name: str) -> None:
        """Let `version` differ: what was cached under ``name`` has changed."""
