"""Documents of upstreams, kept in the process: fresh for a while, stale for up to a day."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from idp.authentication.federation.reasons import FederationRefused
from idp.foundation.clock import utcnow

T = TypeVar("T")

STALE_FOR = timedelta(days=1)
"""How long a document serves that could not be fetched anew."""
RETRY_AFTER = timedelta(minutes=1)
"""How soon it is fetched again because what was looked for is not in it, or failed to come."""
_MOST_KEPT = 10_000


def _always(_value: object) -> bool:
    return True


@dataclass(frozen=True)
class _Kept(Generic[T]):
    value: T
    fetched_at: datetime


class Shelf(Generic[T]):
    """Keeps one document for each key."""

    def __init__(self, fresh_for: timedelta) -> None:
        self._fresh_for = fresh_for
        self._kept: dict[str, _Kept[T]] = {}
        self._tried_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def get(self, key: str, fetch: Callable[[], T], is_enough: Callable[[T], bool] = _always) -> T:
        """The document, fetched where ours is old or not enough; what `fetch` raises without one.

        A document that is not enough is fetched again at most once a minute, by one caller.
        """
        now, kept = utcnow(), self._kept.get(key)
        if kept is None or now - kept.fetched_at >= STALE_FOR:
            return self._renew(key, fetch)
        if now - kept.fetched_at < self._fresh_for and is_enough(kept.value):
            return kept.value
        if not self._may_try(key, now):
            return kept.value
        try:
            return self._renew(key, fetch)
        except FederationRefused:
            return kept.value

    def _may_try(self, key: str, now: datetime) -> bool:
        with self._lock:
            tried_at = self._tried_at.get(key)
            if tried_at and now - RETRY_AFTER < tried_at <= now:
                return False
            self._tried_at[key] = now
            return True

    def _renew(self, key: str, fetch: Callable[[], T]) -> T:
        value = fetch()
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
            self._tried_at.clear()
        self._kept[key] = _Kept(value, utcnow())
        return value
