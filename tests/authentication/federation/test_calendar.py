"""The calendar's rules: what is shown, what is warned of, and how a calendar program reads it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from idp.authentication.federation.calendar import Expiry, Kind, Level, days_left, due, entries
from idp.authentication.federation.icalendar import Happening, escape, fold, write

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def expiry(label: str, left: timedelta) -> Expiry:
    return Expiry(
        title="Entra ID",
        connection_id="c",
        connection="entra",
        organization="kuusela",
        kind=Kind.IDP_CERTIFICATE,
        label=label,
        expires_at=NOW + left,
    )


def test_what_comes_first_stands_on_top() -> None:
    found = entries([expiry("later", 90 * DAY), expiry("past", -DAY), expiry("soon", DAY)], NOW)
    assert [entry.expiry.label for entry in found] == ["past", "soon", "later"]


@pytest.mark.parametrize(
    ("left", "level"),
    [
        (timedelta(0), Level.EXPIRED),
        (timedelta(seconds=1), Level.NEAR),
        (14 * DAY, Level.NEAR),
        (14 * DAY + timedelta(seconds=1), Level.COMING),
        (60 * DAY, Level.COMING),
        (61 * DAY, Level.GOOD),
    ],
)
def test_the_level_says_how_near_it_is(left: timedelta, level: Level) -> None:
    assert entries([expiry("it", left)], NOW)[0].level is level


@pytest.mark.parametrize(
    ("left", "days"), [(timedelta(hours=23), 0), (DAY, 1), (-timedelta(seconds=1), -1)]
)
def test_days_are_whole_ones(left: timedelta, days: int) -> None:
    assert days_left(NOW + left, NOW) == days


@pytest.mark.parametrize(
    ("left", "sent", "warning"),
    [
        (61 * DAY, (), None),
        (60 * DAY, (), 60),
        (45 * DAY, (60,), None),
        (30 * DAY, (60,), 30),
        (14 * DAY, (60, 30), 14),
        (7 * DAY, (60, 30, 14), 7),
        (DAY, (60, 30, 14, 7), 1),
        (timedelta(hours=1), (60, 30, 14, 7, 1), None),
        # Connected late: one warning, not four.
        (10 * DAY, (), 14),
        (10 * DAY, (14,), None),
        # Nobody looked for a week: what was missed is not made up for.
        (6 * DAY, (60, 30), 7),
        (-DAY, (), None),
    ],
)
def test_each_warning_goes_out_once_and_in_its_time(
    left: timedelta, sent: tuple[int, ...], warning: int | None
) -> None:
    assert due(NOW + left, sent, NOW) == warning


# The feed (RFC 5545)


def test_lines_end_in_crlf_and_hold_75_octets_at_the_most() -> None:
    happening = Happening(
        uid="u@example", day=date(2027, 1, 31), summary="ä" * 100, description="x, y; z\n1"
    )
    text = write("Kalenteri", [happening], now=NOW)
    assert text.endswith("END:VCALENDAR\r\n")
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in text.replace("\r\n", "")
    unfolded = text.replace("\r\n ", "")
    assert f"SUMMARY:{'ä' * 100}" in unfolded
    assert "DESCRIPTION:x\\, y\\; z\\n1" in unfolded
    assert "DTSTART;VALUE=DATE:20270131" in unfolded
    assert "DTEND;VALUE=DATE:20270201" in unfolded


def test_a_line_is_never_parted_inside_a_letter() -> None:
    parts = list(fold("€" * 60))
    assert "".join(part.removeprefix(" ") for part in parts) == "€" * 60


def test_what_would_end_a_value_is_escaped() -> None:
    assert escape("a\\b;c,d\r\ne") == "a\\\\b\\;c\\,d\\ne"
