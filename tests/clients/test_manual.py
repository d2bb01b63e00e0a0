"""docs/clients.md says of every field what the code does."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args, get_origin

import pytest

from idp.clients.client_keys import FRESH, STALE
from idp.clients.key_sets import MOST_KEYS
from idp.clients.metadata import DEFAULTS, ClientMetadata
from idp.clients.metadata.localized import LOCALIZED
from idp.clients.metadata.unsupported import UNSUPPORTED
from idp.clients.registrations import SECRET_OVERLAP
from tests.architecture.tree import ROOT

MANUAL = (ROOT / "docs/clients.md").read_text()
FIELDS, REFUSED = MANUAL.split("## The fields")[1].split("## What is refused")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row whose first cell names a field."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


ROWS = {row[0].strip("`"): row for row in rows(FIELDS)}


def test_every_field_has_its_row_and_no_other_has() -> None:
    assert ROWS.keys() == ClientMetadata.model_fields.keys()


@pytest.mark.parametrize("field", ClientMetadata.model_fields)
def test_the_default_is_the_codes(field: str) -> None:
    said, default = ROWS[field][1], DEFAULTS.get(field)
    if default in (None, "", []):
        # What stands in brackets depends on something else, which is named there.
        assert said == "–" or re.fullmatch(r"\(.+\)", said)
    else:
        text = default if isinstance(default, str) else json.dumps(default)
        assert said == f"`{text}`"


@pytest.mark.parametrize("field", ClientMetadata.model_fields)
def test_every_choice_is_named(field: str) -> None:
    for choice in choices(ClientMetadata.model_fields[field].annotation):
        assert f"`{choice}`" in ROWS[field][2]


def choices(annotation: Any) -> Iterator[str]:
    """The values of a Literal type, however deep it lies."""
    if get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if isinstance(argument, str):
                yield argument
            else:
                yield from choices(argument)


def test_what_may_be_given_in_languages_is_marked() -> None:
    assert {name for name, row in ROWS.items() if row[2].startswith("#")} == {*LOCALIZED}


def test_every_refused_field_is_listed() -> None:
    assert {name for row in rows(REFUSED) for name in re.findall(r"`(\w+)`", row[0])} == (
        UNSUPPORTED.keys()
    )


def test_the_figures_are_the_codes() -> None:
    assert timedelta(minutes=10) == FRESH
    assert "kept ten minutes" in MANUAL
    assert timedelta(days=1) == STALE
    assert "serves on for a day" in MANUAL
    assert timedelta(days=7) == SECRET_OVERLAP
    assert "Within seven days" in MANUAL
    assert f"{MOST_KEYS} keys" in MANUAL
