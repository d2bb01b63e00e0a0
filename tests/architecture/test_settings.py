"""config.example.toml tells every setting as the code has it."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from idp.config import Settings, load
from tests.architecture.tree import ROOT, read

EXAMPLE = "config.example.toml"


def leaves(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its dotted key; a section is gone into, not told."""
    for key, setting in model.model_fields.items():
        if isinstance(setting.default, BaseModel):
            yield from leaves(type(setting.default), f"{above}{key}.")
        else:
            yield f"{above}{key}", setting


def values(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from values(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def as_toml(value: object) -> object:
    """A default as the file writes it: durations in seconds, paths as texts, tuples as arrays."""
    match value:
        case timedelta():
            return value.total_seconds()
        case Path():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value


SETTINGS = dict(leaves(Settings))


def test_the_example_lists_the_settings_and_nothing_else() -> None:
    assert dict(values(tomllib.loads(read(EXAMPLE)))).keys() == SETTINGS.keys()


def test_the_example_shows_the_defaults() -> None:
    shown = dict(values(tomllib.loads(read(EXAMPLE))))
    optional = {key for key, setting in SETTINGS.items() if not setting.is_required()}
    defaults = {key: as_toml(SETTINGS[key].default) for key in optional}
    assert {key: value for key, value in shown.items() if key in optional} == defaults


def test_the_example_explains_each_setting() -> None:
    text = read(EXAMPLE)
    unexplained = {
        key
        for key, setting in SETTINGS.items()
        if f"# {setting.description}\n{key.rpartition('.')[2]} = " not in text
    }
    assert unexplained == set()


def test_the_example_can_be_used_as_it_is() -> None:
    assert load(ROOT / EXAMPLE, environ={}).issuer.startswith("https://")
