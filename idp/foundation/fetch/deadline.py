"""All the time a request has: no single wait outlasts it, nor do many short ones together."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta


class Deadline:
    """A moment on the clock that nobody sets."""

    def __init__(self, after: timedelta) -> None:
        self._at = time.monotonic() + after.total_seconds()

    @property
    def has_passed(self) -> bool:
        return time.monotonic() >= self._at

    def remaining(self) -> float:
        """Seconds left; raises TimeoutError where none are."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @contextmanager
    def cutting(self, connection: socket.socket) -> Iterator[None]:
        """Cut the connection when the time is up, which a peer that drips bytes would outlast."""
        timer = threading.Timer(self.remaining(), _cut, [connection])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        # Below TLS: its own shutdown would pull the session from under the thread that reads.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
