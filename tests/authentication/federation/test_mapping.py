"""Mapping picks, joins, splits and sets constants; absent stays apart from empty."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from idp.authentication.federation.mapping import FIELDS, Rule, apply

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
CAME = {
    "upn": ("maija@kuusela.fi",),
    "names": ("Maija", "Maaria"),
    "full": ("Meikäläinen Maija Maaria",),
    "empty": ("",),
    "none": (),
    "spaced": ("  Maija ",),
}


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("upn", "maija@kuusela.fi"),
        ("names", "Maija"),
        ("spaced", "Maija"),
        ("empty", ""),
        ("none", ""),
        ("absent", None),
        ({"first": ["absent", "empty", "upn"]}, "maija@kuusela.fi"),
        ({"first": ["absent", "empty"]}, ""),
        ({"first": ["absent", "missing"]}, None),
        ({"join": ["names", "absent", "upn"], "with": "/"}, "Maija/maija@kuusela.fi"),
        ({"join": ["absent", "missing"]}, None),
        ({"join": ["empty", "absent"]}, ""),
        ({"split": "full", "at": " ", "part": 0}, "Meikäläinen"),
        ({"split": "full", "at": " ", "part": -1}, "Maaria"),
        ({"split": "full", "at": " ", "part": 7}, ""),
        ({"split": "absent", "part": 0}, None),
        ({"constant": "HUS"}, "HUS"),
    ],
)
def test_a_rule_makes_its_value(rule: Any, value: str | None) -> None:
    assert apply({"title": RULE.validate_python(rule)}, CAME).get("title") == value


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "x" * 201,
        5,
        None,
        ["upn"],
        {},
        {"first": []},
        {"first": ["x"] * 11},
        {"first": "upn"},
        {"join": ["upn"], "with": ""},
        {"join": ["upn"], "between": "x" * 11},
        {"split": "upn", "part": 21},
        {"split": "upn", "part": "0; import os"},
        {"constant": "x" * 201},
        {"eval": "1"},
        {"constant": "x", "first": ["upn"]},
    ],
)
def test_nothing_else_is_a_rule(rule: Any) -> None:
    with pytest.raises(ValidationError):
        RULE.validate_python(rule)


def test_no_field_gives_a_role() -> None:
    assert FIELDS == ("username", "given_name", "family_name", "email", "title", "unit", "locale")
    with pytest.raises(KeyError):
        apply({"roles": "upn"}, CAME)


def test_a_value_without_end_is_looked_at_no_further() -> None:
    assert len(apply({"title": "long"}, {"long": ("x" * 10_000_000,)})["title"]) == 1000
