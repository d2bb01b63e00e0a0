"""A dictionary that forgets: each entry in its time, and the least used when it is full."""

from collections import OrderedDict
from datetime import timedelta
from typing import Generic, TypeVar

from idp.foundation.clock import utcnow

V = TypeVar("V")


class Expiring(Generic[V]):
    """At most ``size`` entries, each with its own time to live; not safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, tuple[V, float]] = OrderedDict()

    def get(self, key: str) -> V | None:
        """The living value, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, expires_at = entry
        if expires_at <= utcnow().timestamp():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: str, value: V, ttl: timedelta) -> None:
        """Keep a value; the least recently used one goes where there is no room."""
        self._entries[key] = (value, (utcnow() + ttl).timestamp())
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def replace(self, key: str, value: V) -> None:
        """Change a living value, not its time to live."""
        self._entries[key] = (value, self._entries[key][1])

    def delete(self, key: str) -> None:
        self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)
