"""A mapping as a form without scripts: for each of our fields a kind of rule and what it needs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from idp.authentication.federation.mapping import FIELDS

KINDS = ("preset", "pick", "first", "join", "split", "constant")
"""``connection.rule.<kind>`` names it; ``preset`` leaves the field to the product's own rule."""
_NAMES = re.compile(r"[,\n]")
_LONGEST = 2000


@dataclass(frozen=True, kw_only=True)
class Row:
    """One field's rule as it stands in the form."""

    field: str
    kind: str
    names: str
    """Attribute names, a comma between them."""
    text: str
    """What stands between joined values, or where a value is parted; or the constant."""
    part: str
    """Which part, the first being 1; negative counts from the end."""

    def rule(self) -> Any:
        """The rule as a document says it; None for the product's own."""
        names = [name.strip() for name in _NAMES.split(self.names) if name.strip()]
        match self.kind:
            case "pick":
                return names[0] if names else ""
            case "first":
                return {"first": names}
            case "join":
                return {"join": names, "with": self.text or " "}
            case "split":
                return {
                    "split": names[0] if names else "",
                    "at": self.text or " ",
                    "part": self._at,
                }
            case "constant":
                return {"constant": self.text}
        return None

    @property
    def _at(self) -> int | str:
        """The part as documents count: from 0, and from the end below it."""
        number = self.part.strip() or "1"
        if not re.fullmatch(r"-?\d{1,3}", number):
            return number
        return int(number) - 1 if int(number) > 0 else int(number)


def read(form: Mapping[str, str]) -> list[Row]:
    """The rows of a form that was sent."""

    def said(field: str, part: str) -> str:
        return form.get(f"{field}-{part}", "")[:_LONGEST]

    return [
        Row(
            field=field,
            kind=said(field, "kind") if said(field, "kind") in KINDS else "preset",
            names=said(field, "names"),
            text=said(field, "text"),
            part=said(field, "part"),
        )
        for field in FIELDS
    ]


def rows(mapping: Mapping[str, Any]) -> list[Row]:
    """The rows of a document's own mapping."""
    return [_row(field, mapping.get(field)) for field in FIELDS]


def rules(form: list[Row]) -> dict[str, Any]:
    """The document's own mapping that the rows say."""
    found = {row.field: row.rule() for row in form}
    return {field: rule for field, rule in found.items() if rule is not None}


def in_words(rule: Any) -> Iterator[tuple[str, str]]:
    """A rule as (kind, names), for one line."""
    row = _row("", rule)
    yield row.kind, row.names or row.text


def _row(field: str, rule: Any) -> Row:
    plain = rule.model_dump(by_alias=True) if hasattr(rule, "model_dump") else rule
    kind, names, text, part = "preset", "", "", ""
    if isinstance(plain, str):
        kind, names = "pick", plain
    elif isinstance(plain, Mapping):
        kind = next(iter(plain))
        if kind == "constant":
            text = plain["constant"]
        else:
            value = plain[kind]
            names = value if isinstance(value, str) else ", ".join(value)
            text = plain.get("with") or plain.get("at") or ""
            number = plain.get("part")
            part = "" if number is None else str(number + 1 if number >= 0 else number)
    return Row(field=field, kind=kind, names=names, text=text, part=part)
