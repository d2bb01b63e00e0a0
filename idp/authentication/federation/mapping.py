"""From upstream attributes to our fields: pick, first, join, split, constant; nothing executes.

An upstream can assert a value, assert it empty, or say nothing of it; the three stay apart, for
what is absent never deletes (users-ask row 5). There is no field for a role: none can be mapped.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FIELDS = ("username", "given_name", "family_name", "email", "title", "unit", "locale")
"""Our fields that an upstream can supply."""

Attributes: TypeAlias = Mapping[str, Sequence[str]]
"""What came in: a name and its values, as they came."""

LONGEST_VALUE = 1000
"""Characters of a value that are looked at; what is longer fits no field anyway."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(min_length=1, max_length=10)]
_Text = Annotated[str, StringConstraints(max_length=200)]
_Separator = Annotated[str, StringConstraints(min_length=1, max_length=10)]


class _Rule(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )


class First(_Rule):
    """The first of several attributes that has a value."""

    first: Names


class Join(_Rule):
    """Several attributes' values in one text, those without a value left out."""

    join: Names
    between: _Separator = Field(" ", alias="with")


class Split(_Rule):
    """One part of an attribute's value; a negative ``part`` counts from the end."""

    split: Name
    at: _Separator = " "
    part: Annotated[int, Field(ge=-20, le=20)] = 0


class Constant(_Rule):
    """The same text for everybody."""

    constant: _Text


Rule: TypeAlias = Name | First | Join | Split | Constant
"""A name picks that attribute."""


def apply(rules: Mapping[str, Rule], attributes: Attributes) -> dict[str, str]:
    """Our fields' values; ``""`` is asserted empty, and a field that is missing was not asserted.

    Unknown fields in ``rules`` are an error of whoever made them: KeyError.
    """
    if unknown := set(rules) - set(FIELDS):
        raise KeyError(sorted(unknown))
    found = {field: _value(rule, attributes) for field, rule in rules.items()}
    return {field: value for field, value in found.items() if value is not None}


def names(rules: Mapping[str, Rule]) -> dict[str, tuple[str, ...]]:
    """Which attributes each field is made of."""
    return {field: _names(rule) for field, rule in rules.items()}


def _value(rule: Rule, attributes: Attributes) -> str | None:
    match rule:
        case Constant():
            return rule.constant
        case First():
            return _first([_pick(name, attributes) for name in rule.first])
        case Join():
            return _join([_pick(name, attributes) for name in rule.join], rule.between)
        case Split():
            return _split(_pick(rule.split, attributes), rule.at, rule.part)
        case _:
            return _pick(rule, attributes)


def _pick(name: str, attributes: Attributes) -> str | None:
    """The first value; empty where the attribute came without one, None where it did not come."""
    values = attributes.get(name)
    if values is None:
        return None
    return values[0].strip()[:LONGEST_VALUE] if values else ""


def _first(values: list[str | None]) -> str | None:
    return next(filter(None, values), None) or ("" if "" in values else None)


def _join(values: list[str | None], between: str) -> str | None:
    if all(value is None for value in values):
        return None
    return between.join(filter(None, values))


def _split(value: str | None, at: str, part: int) -> str | None:
    if value is None:
        return None
    parts = value.split(at)
    return parts[part].strip() if -len(parts) <= part < len(parts) else ""


def _names(rule: Rule) -> tuple[str, ...]:
    match rule:
        case Constant():
            return ()
        case First():
            return tuple(rule.first)
        case Join():
            return tuple(rule.join)
        case Split():
            return (rule.split,)
        case _:
            return (rule,)
