"""Dates as a calendar program subscribes to them (RFC 5545)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LONGEST_LINE = 75
"""Octets of a line, its break left out (section 3.1)."""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """A whole day's event; ``uid`` stays the same for the same thing."""

    uid: str
    day: date
    summary: str
    description: str
    alarms: tuple[int, ...] = ()
    """Days ahead at which the program reminds."""


def write(name: str, happenings: Iterable[Happening], *, now: datetime) -> str:
    """The whole calendar, its lines folded and ended as the standard has it."""
    return "".join(f"{part}\r\n" for line in _lines(name, happenings, now) for part in fold(line))


def fold(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, each further one begun by a space (section 3.1)."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > _LONGEST_LINE:
            yield part
            part = " "
        part += letter
    yield part


def escape(text: str) -> str:
    """A TEXT value (section 3.3.11)."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _lines(name: str, happenings: Iterable[Happening], now: datetime) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//Laatuportti//IDP//FI"
    yield "CALSCALE:GREGORIAN"
    yield f"X-WR-CALNAME:{escape(name)}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:P1D"  # RFC 7986 section 5.7
    for happening in happenings:
        yield from _event(happening, now)
    yield "END:VCALENDAR"


def _event(happening: Happening, now: datetime) -> Iterator[str]:
    following = happening.day + timedelta(days=1)
    yield "BEGIN:VEVENT"
    yield f"UID:{happening.uid}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{happening.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{following:%Y%m%d}"
    yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{escape(happening.summary)}"
    yield f"DESCRIPTION:{escape(happening.description)}"
    for days in happening.alarms:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"TRIGGER:-P{days}D"
        yield f"DESCRIPTION:{escape(happening.summary)}"
        yield "END:VALARM"
    yield "END:VEVENT"
