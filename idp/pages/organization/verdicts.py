"""The verdicts of an import as people read them, on the page and in a file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from idp.directory.importing import Outcome, Verdict
from idp.pages.organization.forms import field_error
from idp.pages.organization.spreadsheet import table

SHOWN = 200
"""Rows that a page shows; the file has all of them."""

_TONES = {
    Outcome.ADDED: "success",
    Outcome.ADDED_MEMBERSHIP: "info",
    Outcome.ALREADY_MEMBER: "neutral",
    Outcome.DUPLICATE: "danger",
    Outcome.INVALID: "danger",
}
_REFUSED = (Outcome.INVALID, Outcome.DUPLICATE)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What became of a row, or would: a word and an explanation."""

    line: int
    username: str
    outcome: Outcome
    word: str
    explanation: str
    is_strange: bool
    """Refused, or perhaps not who was meant: to be looked at first."""

    @property
    def tone(self) -> str:
        """The colour that goes with the word."""
        return _TONES[self.outcome]


def tell(verdicts: Sequence[Verdict], *, is_done: bool) -> list[Told]:
    """The verdicts in the language of the request; ``is_done``: they have come true."""
    return [
        Told(
            line=verdict.line,
            username=verdict.username,
            outcome=verdict.outcome,
            word=gettext(f"organization.import.{verdict.outcome.value}"),
            explanation=_explanation(verdict, is_done=is_done),
            is_strange=verdict.outcome in _REFUSED or bool(verdict.differs),
        )
        for verdict in verdicts
    ]


def counts(verdicts: Sequence[Verdict]) -> Mapping[str, int]:
    """How many rows came to what; ``refused`` for those that cannot be imported."""
    counted = Counter(verdict.outcome for verdict in verdicts)
    return {
        "rows": len(verdicts),
        "added": counted[Outcome.ADDED],
        "joined": counted[Outcome.ADDED_MEMBERSHIP],
        "members": counted[Outcome.ALREADY_MEMBER],
        "refused": sum(counted[outcome] for outcome in _REFUSED),
    }


def strange_first(told: Sequence[Told]) -> list[Told]:
    """As many rows as a page shows, those to be looked at first."""
    return sorted(told, key=lambda each: not each.is_strange)[:SHOWN]


def as_file(told: Sequence[Told]) -> str:
    """Every row, for a spreadsheet."""
    heading = [
        gettext(f"organization.import.column.{name}")
        for name in ("line", "username", "outcome", "explanation")
    ]
    rows = [(each.line, each.username, each.word, each.explanation) for each in told]
    return table(heading, rows)


def _explanation(verdict: Verdict, *, is_done: bool) -> str:
    if verdict.first_line is not None:
        return gettext("organization.import.why.duplicate", line=verdict.first_line)
    if verdict.problems:
        return " ".join(_problem(name, code) for name, code in verdict.problems.items())
    if verdict.differs:
        fields = ", ".join(gettext(f"organization.label.{name}") for name in verdict.differs)
        return gettext("organization.import.why.differs", fields=fields)
    tense = "done" if is_done else "to_come"
    return gettext(f"organization.import.{tense}.{verdict.outcome.value}")


def _problem(column: str, code: str) -> str:
    reason = field_error(code, {})
    if column == "row":
        return reason
    label: Any = gettext(f"organization.label.{column}")
    return f"{label}: {reason}"
