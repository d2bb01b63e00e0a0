"""The loop breaker: how often a browser set out lately, and whether its last try failed.

It lives in the browser's own cookie: it protects the person and their identity provider from a
circle of redirects, nobody from the person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 3
"""Departures in `WINDOW`; the next one waits for the person to press a button."""
WINDOW = timedelta(seconds=60)
_FAILED = "f"
_MOST_READ = 10


@dataclass(frozen=True, kw_only=True)
class Tries:
    """What a browser's cookie tells."""

    departed: tuple[int, ...] = ()
    """Seconds since 1970 of its departures within the window, oldest first."""
    has_failed: bool = False

    @property
    def are_too_many(self) -> bool:
        return len(self.departed) >= MOST

    def departing(self, now: datetime) -> "Tries":
        """One more departure; a failure before it is forgiven."""
        return Tries(departed=(*self.departed, int(now.timestamp())))

    def failed(self) -> "Tries":
        """The try at hand came to nothing."""
        return Tries(departed=self.departed, has_failed=True)

    def written(self) -> str:
        """The cookie's value."""
        return ".".join([*map(str, self.departed), *([_FAILED] if self.has_failed else [])])


def read(cookie: str, now: datetime) -> Tries:
    """The tries of a cookie within the window; whatever else it holds counts as nothing."""
    parts = cookie.split(".")[-_MOST_READ:]
    since, until = now - WINDOW, int(now.timestamp())
    departed = tuple(
        moment
        for part in parts
        if part.isascii() and part.isdigit() and len(part) < 12
        for moment in [int(part)]
        if since.timestamp() < moment <= until
    )
    # A failure without a departure near it is an old one.
    return Tries(departed=departed, has_failed=_FAILED in parts and bool(departed))
