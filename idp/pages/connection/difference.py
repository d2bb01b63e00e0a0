"""What changed between two documents: a function of values."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LONGEST = 300
_WHOLE = ("metadata",)
"""Members too long to be shown: only that they changed."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A member that is not what it was; None: it was not there."""

    name: str
    """Its place in the document, as ``mapping.title``."""
    before: str | None
    after: str | None
    is_long: bool = False
    """Whether only the fact is told."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Each member that differs, in the order of its name."""
    old, new = dict(_flat(before)), dict(_flat(after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Change(
                name=name,
                before=_shown(old.get(name)),
                after=_shown(new.get(name)),
                is_long=name in _WHOLE,
            )


def _flat(document: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    """The members of ``mapping`` and ``policy`` one by one, all others whole."""
    for key, value in document.items():
        if not under and isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif value not in (None, [], ()):
            yield f"{under}{key}", value


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value[:_LONGEST] if value else value
    return json.dumps(value, ensure_ascii=False)[:_LONGEST]
