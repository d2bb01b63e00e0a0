"""The calendar of what expires: certificates on both sides, client secrets, metadata.

Facts go in, entries with their level and the warnings that are due come out; no store, no clock.
An IdP's certificate that is past its date refuses nobody (trust is the key that was given to us,
decision 012); it is warned of all the same, for a product that renews it changes its key.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WARN_DAYS = (60, 30, 14, 7, 1)
"""How many days ahead a warning goes out, the earliest first."""
_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What expires; ``connection.calendar.kind.<value>`` is its name."""

    IDP_CERTIFICATE = "idp_certificate"
    SP_CERTIFICATE = "sp_certificate"
    SP_CHANGE = "sp_change"
    """Our next certificate takes the place of the present one: theirs has to trust it by then."""
    CLIENT_SECRET = "client_secret"
    METADATA = "metadata"

    @property
    def is_change(self) -> bool:
        """Whether something new begins on that day, rather than something ends."""
        return self is Kind.SP_CHANGE


class Level(StrEnum):
    """How near the date is; ``connection.calendar.level.<value>`` says it in a word."""

    GOOD = "good"
    COMING = "coming"
    NEAR = "near"
    EXPIRED = "expired"

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        tones = {"good": "success", "coming": "info", "near": "warning", "expired": "danger"}
        return tones[self.value]


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """Something of a connection that ends; ``label`` tells it from others of its kind."""

    connection_id: str
    connection: str
    title: str
    """What people call it."""
    organization: str
    """The organization's slug."""
    kind: Kind
    label: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the calendar."""

    expiry: Expiry
    days_left: int
    """Whole days; negative once it has passed."""
    level: Level


def entries(expiries: Iterable[Expiry], now: datetime) -> list[Entry]:
    """The calendar, what comes first on top."""
    return [
        Entry(expiry=each, days_left=days_left(each.expires_at, now), level=_level(each, now))
        for each in sorted(expiries, key=lambda each: (each.expires_at, each.kind, each.label))
    ]


def days_left(expires_at: datetime, now: datetime) -> int:
    """Whole days until then, rounded down: 0 means within a day, -1 that it has passed."""
    return (expires_at - now) // _DAY


def due(expires_at: datetime, sent: Collection[int], now: datetime) -> int | None:
    """The warning to send now; None where there is none.

    Only the latest that applies: who connects with ten days to go is warned of fourteen days once,
    not of sixty and thirty as well. What has been sent is not sent again, and what has passed is
    past warning.
    """
    left = expires_at - now
    if left <= timedelta(0):
        return None
    reached = [days for days in WARN_DAYS if left <= days * _DAY]
    if not reached or min(reached) in sent:
        return None
    return min(reached)


def _level(expiry: Expiry, now: datetime) -> Level:
    left = expiry.expires_at - now
    if left <= timedelta(0):
        return Level.EXPIRED
    if left <= 14 * _DAY:
        return Level.NEAR
    return Level.COMING if left <= WARN_DAYS[0] * _DAY else Level.GOOD
