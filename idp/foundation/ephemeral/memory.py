"""Ephemeral memory of one process: all there is without Redis, the limits' refuge with it."""

import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from idp.foundation.clock import utcnow
from idp.foundation.ephemeral.contract import MAX_VALUE, Pace, Turn
from idp.foundation.ephemeral.expiring import Expiring
from idp.foundation.secrets import random_id

_ENTRIES = 50_000
_NOW = timedelta(0)


class Memory:
    """Bounded and safe between threads; other processes of the node do not see it."""

    is_degraded = False

    def __init__(self, entries: int = _ENTRIES) -> None:
        self._lock = threading.Lock()
        self._values: Expiring[bytes] = Expiring(entries)
        self._counts: Expiring[int] = Expiring(entries)
        self._tries: Expiring[tuple[int, datetime]] = Expiring(entries)
        self._bumps: Expiring[str] = Expiring(entries)

    def get(self, key: str) -> bytes | None:
        with self._lock:
            return self._values.get(key)

    def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        with self._lock:
            if len(value) <= MAX_VALUE:
                self._values.put(key, value, ttl)
            else:
                self._values.delete(key)

    def delete(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._values.delete(key)
                self._counts.delete(key)
                self._tries.delete(key)

    def increment(self, key: str, ttl: timedelta) -> int:
        with self._lock:
            before = self._counts.get(key)
            if before is None:
                self._counts.put(key, 1, ttl)
                return 1
            self._counts.replace(key, before + 1)
            return before + 1

    def take_turn(self, paces: Mapping[str, Pace], watched: Collection[str] = ()) -> Turn:
        now = utcnow()
        with self._lock:
            tries = {key: self._tries.get(key) or (0, now) for key in (*paces, *watched)}
            wait = max((free_at for _, free_at in tries.values()), default=now) - now
            if wait > _NOW:
                return Turn(wait=wait, count=max(count for count, _ in tries.values()))
            for key, pace in paces.items():
                count = tries[key][0] + 1
                delay = pace.delays[min(count, len(pace.delays)) - 1]
                tries[key] = (count, now + delay)
                self._tries.put(key, tries[key], pace.memory)
            return Turn(wait=_NOW, count=max((tries[key][0] for key in paces), default=0))

    def version(self, name: str) -> str:
        # The second is part of it: a command or another worker may have changed what we cannot see.
        with self._lock:
            return f"{self._bumps.get(name)}.{int(utcnow().timestamp())}"

    def bump(self, name: str) -> None:
        with self._lock:
            self._bumps.put(name, random_id(), timedelta(days=1))
