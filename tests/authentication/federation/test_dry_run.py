"""A change of mapping, tried against masked shapes: fingerprints tell what changes, never what."""

from collections.abc import Mapping
from typing import Any

import pytest

from idp.authentication.federation.dry_run import DryRun, Effect, dry_run
from idp.authentication.federation.mapping import Constant, First, Split

BASE: Mapping[str, Any] = {"username": "upn", "given_name": "given", "family_name": "family"}
SHAPE = {"upn": ["F1"], "given": ["F2"], "family": ["F3"], "mail": ["F4"], "empty": [""]}


def tried(before: Mapping[str, Any], after: Mapping[str, Any], *shapes: Any) -> DryRun:
    return dry_run({**BASE, **before}, {**BASE, **after}, shapes or [SHAPE])


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ({}, {"email": "mail"}, Effect.GAINED),
        ({"email": "mail"}, {}, Effect.LOST),
        ({"email": "mail"}, {"email": "empty"}, Effect.EMPTIED),
        ({"email": "mail"}, {"email": "upn"}, Effect.CHANGED),
        ({"email": Split(split="mail", at="@", part=0)}, {"email": "mail"}, Effect.CHANGED),
        (
            {"email": Split(split="mail", at="@", part=0)},
            {"email": Split(split="mail", at="@", part=1)},
            Effect.CHANGED,
        ),
        ({"email": "mail"}, {"email": Constant(constant="x")}, Effect.CHANGED),
    ],
)
def test_a_field_is_told_what_happens_to_it(
    before: Mapping[str, Any], after: Mapping[str, Any], effect: Effect
) -> None:
    found = tried(before, after)
    assert found.effects == {"email": {effect: 1}}
    assert (found.arrivals, found.unchanged, found.refused) == (1, 0, 0)


def test_another_rule_for_the_same_value_changes_nothing() -> None:
    found = tried({"email": "mail"}, {"email": First(first=["nowhere", "mail"])})
    assert (found.unchanged, found.effects) == (1, {})


def test_who_would_be_refused_is_counted_and_who_was_before_is_not() -> None:
    without = {"given": ["F2"], "family": ["F3"]}
    found = tried({}, {"username": "nowhere"}, SHAPE, without)
    assert found.refused == 1
    assert found.effects == {"username": {Effect.LOST: 1}}
