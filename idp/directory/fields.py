"""What each field of a person may hold: one rule a field, the same for a form, the API and a file.

A rule takes what was given and returns it as it is kept, or raises `Unfit` with the code of the
reason (texts ``field_error.<code>``).
"""

import unicodedata
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NoReturn, TypeAlias

from email_validator import EmailNotValidError, validate_email

from idp.config import LOCALES
from idp.directory.folding import is_visible
from idp.errors import Invalid

ROLES = ("main_user", "it_admin")
"""What a person can be in an organization beside an ordinary user."""

LONGEST_NAME = 100
LONGEST_TEXT = 200
LONGEST_EMAIL = 254
LONGEST_REASON = 500

Rule: TypeAlias = Callable[[object], Any]


class Unfit(Exception):
    """A value that a field cannot hold; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def clean(values: Mapping[str, object], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The values as they are kept; Invalid with every field that does not hold."""
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        try:
            cleaned[field] = rules[field](value)
        except Unfit as unfit:
            problems[field] = unfit.code
    if problems:
        raise Invalid(problems)
    return cleaned


def text(value: object, *, longest: int) -> str:
    """One line of visible text, spaces tidied; None is the same as nothing."""
    if not isinstance(value, str | None):
        raise Unfit("not_text")
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in (value or "").strip())
    line = unicodedata.normalize("NFC", " ".join(filter(None, spaced.split(" "))))
    if not is_visible(line):
        raise Unfit("characters")
    if len(line) > longest:
        raise Unfit("too_long")
    return line


def required_text(value: object, *, longest: int) -> str:
    """Text that cannot be left out."""
    return text(value, longest=longest) or missing()


def email(value: object) -> str:
    """An address that can be written to, its domain in ASCII; whether it exists is not asked."""
    typed = required_text(value, longest=LONGEST_EMAIL)
    try:
        # The test environment is the domain .test, where products like this are tried out.
        address = validate_email(
            typed, allow_smtputf8=False, check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise Unfit("email_invalid") from error
    return address.ascii_email or address.normalized


def is_email(value: str) -> bool:
    """Whether a username is an address to write to as well (M3)."""
    try:
        email(value)
    except Unfit:
        return False
    return True


def locale(value: object) -> str | None:
    """One of our languages; None where the person leaves it to the organization."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value in LOCALES:
        return value
    raise Unfit("locale_unknown")


def roles(value: object) -> tuple[str, ...]:
    """Roles in our own order, each once."""
    if isinstance(value, str) or not isinstance(value, Collection):
        raise Unfit("role_unknown")
    if any(role not in ROLES for role in value):
        raise Unfit("role_unknown")
    return tuple(role for role in ROLES if role in value)


def missing() -> NoReturn:
    """Say that something has to be given."""
    raise Unfit("required")


name = partial(required_text, longest=LONGEST_NAME)
"""A given or a family name."""

line = partial(text, longest=LONGEST_TEXT)
"""A title or a unit; may be empty."""

reason = partial(required_text, longest=LONGEST_REASON)
"""Why something is done, for those who read it years later."""

PROFILE: Mapping[str, Rule] = {
    "given_name": name,
    "family_name": name,
    "email": email,
    "title": line,
    "unit": line,
    "locale": locale,
}
"""The fields of a profile, in the order of the pages (docs: contract, "The profile")."""
