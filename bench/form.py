"""The form with a password field on an HTML page, found and filled as a browser would.

Regular expressions instead of a parser: the generator reads a page for each sign-in and must not
become the limit. They read the well-formed pages of the providers under test, not the web.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import urlencode

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(r"<(input|button)\b((?:\"[^\"]*\"|'[^']*'|[^>])*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"([a-z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?", re.IGNORECASE
)
_TYPED_INTO = frozenset({"text", "email"})


class Form(NamedTuple):
    """A form as the person meets it: ``fields`` are (type, name, value), in order."""

    action: str
    fields: list[tuple[str, str, str]]

    def filled(self, username: str, password: str) -> bytes:
        """Return the body it sends: what is typed, the hidden fields, the first button."""
        return urlencode(list(self._values(username, password))).encode()

    def _values(self, username: str, password: str) -> Iterator[tuple[str, str]]:
        pressed = False
        for kind, name, value in self.fields:
            if kind == "password":
                yield name, password
            elif kind in _TYPED_INTO:
                yield name, username
            elif kind == "hidden":
                yield name, value
            elif kind == "submit" and not pressed:
                pressed = True
                if name:
                    yield name, value


def password_form(page: bytes) -> Form | None:
    """Return the first form of ``page`` that has a password field, or None."""
    for tag, content in _FORM.findall(page.decode()):
        fields = [_field(element, _attributes(rest)) for element, rest in _FIELD.findall(content)]
        if any(kind == "password" for kind, _, _ in fields):
            return Form(_attributes(tag).get("action", ""), fields)
    return None


def _field(element: str, attributes: dict[str, str]) -> tuple[str, str, str]:
    usual = "submit" if element.lower() == "button" else "text"
    return (
        attributes.get("type", usual).lower(),
        attributes.get("name", ""),
        attributes.get("value", ""),
    )


def _attributes(tag: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag)
    return {
        name.lower(): unescape(double or single or bare) for name, double, single, bare in found
    }
