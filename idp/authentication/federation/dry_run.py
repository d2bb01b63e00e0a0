"""A change of mapping, tried against the masked shapes of real arrivals before it is saved.

A shape holds fingerprints in place of values, so what a rule would give is compared, never read:
the same fingerprints in the same order are the same value. A part of a value that is only known by
its fingerprint is known by that fingerprint and which part it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from idp.authentication.federation import mapping
from idp.authentication.federation.mapping import Attributes, Rule, Split

REQUIRED = ("username", "given_name", "family_name")
"""Without these nobody can arrive for the first time."""


class Effect(StrEnum):
    """What a change does to a field of one arrival; ``connection.effect.<value>`` says it."""

    GAINED = "gained"
    CHANGED = "changed"
    EMPTIED = "emptied"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What the change would have done to the arrivals looked at."""

    arrivals: int
    unchanged: int
    effects: Mapping[str, Mapping[Effect, int]]
    """Field by field, how many arrivals each effect has; fields without any are left out."""
    refused: int
    """How many would be refused at a first arrival and were not: a required field is missing."""


def dry_run(
    before: Mapping[str, Rule], after: Mapping[str, Rule], shapes: Iterable[Attributes]
) -> DryRun:
    """Try ``after`` in place of ``before``."""
    arrivals = unchanged = refused = 0
    effects: dict[str, dict[Effect, int]] = {}
    for shape in shapes:
        old, new = _masked(before, shape), _masked(after, shape)
        found = _effects(old, new)
        arrivals += 1
        unchanged += not found
        refused += not _is_enough(new) and _is_enough(old)
        for field, effect in found.items():
            counted = effects.setdefault(field, {})
            counted[effect] = counted.get(effect, 0) + 1
    return DryRun(arrivals=arrivals, unchanged=unchanged, effects=effects, refused=refused)


def _effects(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, Effect]:
    fields = [field for field in mapping.FIELDS if old.get(field) != new.get(field)]
    return {field: _effect(old.get(field), new.get(field)) for field in fields}


def _effect(old: str | None, new: str | None) -> Effect:
    if new is None:
        return Effect.LOST
    if not new:
        return Effect.EMPTIED
    return Effect.CHANGED if old else Effect.GAINED


def _masked(rules: Mapping[str, Rule], shape: Attributes) -> dict[str, str]:
    """What the rules give, in fingerprints."""
    whole = {
        field: rule.split if isinstance(rule, Split) else rule for field, rule in rules.items()
    }
    found = mapping.apply(whole, shape)
    for field, rule in rules.items():
        if isinstance(rule, Split) and found.get(field):
            found[field] = f"{found[field]} {rule.at!r} {rule.part}"
    return found


def _is_enough(values: Mapping[str, str]) -> bool:
    return all(values.get(field) for field in REQUIRED)
