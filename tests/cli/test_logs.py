"""The log: a line a record, whatever anybody typed."""

import logging
import sys
from io import StringIO

import pytest

from idp.serving.logs import configure


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure("info")
    return written


def test_a_typed_newline_does_not_begin_a_record(log: StringIO) -> None:
    logging.getLogger("idp").warning("no such user: %s", "x\n2026-01-01 INFO forged\r\x1b[2J")
    first, second = log.getvalue().splitlines()
    assert "WARNING idp[" in first
    assert second == "    | 2026-01-01 INFO forged\\r\\x1b[2J"


def test_a_traceback_follows_behind_bars(log: StringIO) -> None:
    try:
        raise RuntimeError("broken\nin two")
    except RuntimeError:
        logging.getLogger("idp").exception("it failed")
    lines = log.getvalue().splitlines()
    assert lines[0].endswith("it failed")
    assert all(line.startswith("    | ") for line in lines[1:])


def test_what_is_below_the_level_is_not_written(log: StringIO) -> None:
    logging.getLogger("idp").debug("a detail")
    assert log.getvalue() == ""
