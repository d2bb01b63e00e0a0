"""What a check says: a finding with its severity and, where something is wrong, its cure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    about: str
    severity: Severity
    text: str
    cure: str = ""
    """What to do; empty where all is well."""


Findings = Iterator[Finding]


def fine(about: str, text: str) -> Finding:
    """All is well."""
    return Finding(about=about, severity="ok", text=text)


def warning(about: str, text: str, cure: str) -> Finding:
    """It works, but not as it should."""
    return Finding(about=about, severity="warning", text=text, cure=cure)


def wrong(about: str, text: str, cure: str) -> Finding:
    """It does not work, or must not stay so."""
    return Finding(about=about, severity="error", text=text, cure=cure)
