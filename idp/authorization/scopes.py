"""Scopes in people's words."""

from collections.abc import Iterable

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


def in_words(scopes: Iterable[str], locale: str) -> list[str]:
    """What each scope lets a client do; one without words of its own by its name."""
    asked = set(scopes)
    known = [translate(locale, key) for scope, key in _WORDS.items() if scope in asked]
    return [*known, *sorted(asked - _WORDS.keys())]
