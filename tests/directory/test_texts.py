"""Every reason that the directory gives can be read, in every language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.config import LOCALES
from idp.directory import access, fields, importing, people_file, persons, profile, usernames
from idp.directory.access import Reason
from idp.foundation.locale import text

MODULES = (access, fields, importing, people_file, persons, profile, usernames)
FIELDS_ALONE = {Reason.NO_ORGANIZATION, Reason.PERSONAL}
"""Reasons that only ever stand beside a field."""


def strings(path: Path) -> Iterator[str]:
    """Every text in the code that could be a code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def codes_of_fields() -> set[str]:
    """What ``Unfit`` and ``Invalid`` are given anywhere in the directory."""
    codes: set[str] = set()
    for path in Path(fields.__file__).parent.glob("*.py"):
        source = path.read_text()
        codes |= set(re.findall(r'Unfit\("(\w+)"\)', source))
        codes |= set(re.findall(r'Invalid\(\{"\w+": "(\w+)"\}', source))
        codes |= {word for word in strings(path) if re.fullmatch(r"(column|file|row)_\w+", word)}
        codes |= set(re.findall(r'"(username_not_changeable|fixed_field|unknown_field)"', source))
    return codes - {"file_columns"}


def test_the_codes_are_found_where_they_are_used() -> None:
    assert {"required", "username_taken", "column_missing", "file_empty", "fixed_field"} <= (
        codes_of_fields()
    )
    assert len(codes_of_fields()) > 25


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", sorted(codes_of_fields()))
def test_every_field_error_has_its_text(locale: str, code: str) -> None:
    assert text(locale, f"field_error.{code}") % {}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_said_beside_the_field_or_button(locale: str, reason: Reason) -> None:
    assert text(locale, f"reason.{reason}") % {"source": "Vanamo Entra"}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "code",
    [
        *(reason.value for reason in Reason if reason not in FIELDS_ALONE),
        "last_main_user",
        "profile_read_only",
        "file_columns",
    ],
)
def test_every_refusal_has_its_page(locale: str, code: str) -> None:
    assert text(locale, f"error.{code}.title") % {}
    assert text(locale, f"error.{code}.text") % {"source": "Vanamo Entra"}
