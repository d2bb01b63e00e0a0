"""Which resources an access token is for (RFC 8707)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import OAuth2Error

MOST_RESOURCES = 10
_LONGEST = 500


class InvalidTarget(OAuth2Error):
    """The resource asked for is malformed, or is not one that was granted (section 2)."""

    error = "invalid_target"


def checked(asked: Sequence[str]) -> tuple[str, ...]:
    """The resources, each once; InvalidTarget where one is no absolute URI or holds a fragment."""
    if len(asked) > MOST_RESOURCES:
        raise InvalidTarget(f"at most {MOST_RESOURCES} resources")
    if not all(map(_is_absolute, asked)):
        raise InvalidTarget("resource must be an absolute URI without fragment")
    return tuple(dict.fromkeys(asked))


def narrowed(asked: Sequence[str], granted: Sequence[str], issuer: str) -> tuple[str, ...]:
    """What the token is for: all that was granted, or what of it is asked for (section 2.2).

    Our own endpoints, by the issuer's name, are always granted; alone they make the usual token.
    """
    if not asked:
        return tuple(granted)
    if not set(asked) <= {*granted, issuer}:
        raise InvalidTarget("the resource was not granted")
    return () if tuple(asked) == (issuer,) else tuple(dict.fromkeys(asked))


def _is_absolute(resource: str) -> bool:
    try:
        parts = urlsplit(resource)
    except ValueError:
        return False
    is_plain = resource.isascii() and resource.isprintable() and not set(' "<>\\#') & set(resource)
    return bool(
        is_plain and len(resource) <= _LONGEST and parts.scheme and (parts.netloc or parts.path)
    )
