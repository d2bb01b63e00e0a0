"""Claims as attributes: names and texts, the ID token's word above userinfo's."""

from collections.abc import Mapping
from typing import Any

_PROTOCOL = frozenset(
    ("iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "s_hash", "jti", "sid")
)
"""What a token says of itself, not of the person."""
_MOST = 200
_MOST_VALUES = 50
_LONGEST = 2000


def flatten(*sources: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every claim of the sources, an earlier one's word above a later one's.

    A claim within an object is named ``outer.inner``; what is no text, number or list of them is
    left out, and all of it is bounded.
    """
    found: dict[str, tuple[str, ...]] = {}
    for claims in reversed(sources):
        for name, value in claims.items():
            if name in _PROTOCOL:
                continue
            if isinstance(value, Mapping):
                inner = {f"{name}.{key}": _values(each) for key, each in value.items()}
            else:
                inner = {name: _values(value)}
            found.update({key: each for key, each in inner.items() if each is not None})
    return dict(list(found.items())[:_MOST])


def _values(value: object) -> tuple[str, ...] | None:
    if value is None:
        return ()
    if isinstance(value, list):
        texts = (_text(each) for each in value[:_MOST_VALUES])
        return tuple(text for text in texts if text is not None)
    text = _text(value)
    return None if text is None else (text,)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)[:_LONGEST]
    return None
