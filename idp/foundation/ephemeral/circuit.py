"""A circuit breaker: what is down is asked once in a while, by one caller, not by everybody."""

import threading
from datetime import timedelta

from idp.foundation.clock import utcnow


class Circuit:
    """Closed while all goes well; after a failure one caller per ``pause`` tries again."""

    def __init__(self, pause: timedelta) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._next_try = utcnow()
        self.is_open = False
        """Whether the last call failed."""

    def admits(self) -> bool:
        """Whether to call now; where the circuit is open, the one who is let through probes."""
        if not self.is_open:
            return True
        with self._lock:
            now = utcnow()
            # A clock set back must not hold the circuit open for longer than the pause.
            if now < self._next_try <= now + self._pause:
                return False
            self._next_try = now + self._pause
            return True

    def failed(self) -> bool:
        """The call failed; True if that is news."""
        with self._lock:
            was_open, self.is_open = self.is_open, True
            self._next_try = utcnow() + self._pause
            return not was_open

    def succeeded(self) -> bool:
        """The call went well; True if that is news."""
        if not self.is_open:
            return False
        with self._lock:
            was_open, self.is_open = self.is_open, False
            return was_open
