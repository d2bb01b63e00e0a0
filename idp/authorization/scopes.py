"""Scopes in people's words, and what no person can give."""

from collections.abc import Iterable

from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.clients.metadata import is_clients_own
from idp.foundation.locale import translate

_WORDS = {
    "openid": "scope.openid",
    "profile": "scope.profile",
    "email": "scope.email",
    "organizations": "scope.organizations",
    "profile:write": "scope.profile_write",
    "offline_access": "scope.offline_access",
}
"""Text keys, in the order in which people read them."""


def check_givable(asked: str | None) -> None:
    """InvalidScopeError where any of the scopes asked of a person is a right of clients alone."""
    if any(map(is_clients_own, (asked or "").split())):
        raise InvalidScopeError(
            "admin.*, scim and ssf.manage are for the client itself, by client_credentials alone"
        )


def in_words(scopes: Iterable[str], locale: str) -> list[str]:
    """What each scope lets a client do; one without words of its own by its name."""
    asked = set(scopes)
    known = [translate(locale, key) for scope, key in _WORDS.items() if scope in asked]
    return [*known, *sorted(asked - _WORDS.keys())]
