"""Which addresses a client may register, by what they are for.

All are plain ASCII without user information, so that a host that only looks like another one
(RFC 3986 section 7.6) is shown as the ``xn--`` name it is.
"""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

_LONGEST = 2000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(
    r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE
)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/([^/].*)?", re.IGNORECASE)


def is_loopback(address: str) -> bool:
    """Whether the address is plain http on the reader's own machine (RFC 8252 section 7.3)."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def is_https(address: str) -> bool:
    """Whether the address is reached over TLS."""
    return urlsplit(address).scheme == "https"


def is_private_use(address: str) -> bool:
    """Whether the address is a native application's own scheme, ``com.example.app:/…`` (7.1)."""
    return _PRIVATE_SCHEME.fullmatch(address) is not None


def loopback_without_port(address: str) -> str | None:
    """A loopback IP address without its port, for comparison; None for any other address."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK[1:]:
        return None
    host = parts.netloc.removesuffix(port)
    if host not in ("127.0.0.1", "[::1]"):
        return None
    return address.replace(parts.netloc, host, 1)


def host_of(address: str) -> str:
    """The host of a registered address, in lower case."""
    return urlsplit(address).hostname or ""


def origin_of(address: str) -> str:
    """Scheme, host and port of a registered address."""
    parts = urlsplit(address)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _plain(value: str) -> str:
    if not value.isascii() or not value.isprintable() or set(value) & set(' "<>\\^`{|}'):
        raise ValueError("must be written in plain ASCII, without spaces")
    return value


def _web_address(value: str) -> str:
    """An https address, or http on this very machine; no user information."""
    parts = urlsplit(_plain(value))
    if parts.scheme != "https" and not is_loopback(value):
        raise ValueError("must be https (http only for localhost)")
    if not _has_sound_host(value) or "@" in parts.netloc:
        raise ValueError("must be an absolute address without user information")
    return value


def _has_sound_host(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return host == "::1" or (bool(_HOST.fullmatch(host)) and len(host) <= 253)


def _without_fragment(value: str) -> str:
    if "#" in value:
        raise ValueError("must have no fragment")
    return value


def _redirect_address(value: str) -> str:
    """A web address or a private-use scheme; which one fits is the application type's rule."""
    return value if is_private_use(_plain(value)) else _web_address(value)


_Text = Annotated[str, Field(max_length=_LONGEST)]
WebAddress = Annotated[_Text, AfterValidator(_without_fragment), AfterValidator(_web_address)]
RedirectAddress = Annotated[
    _Text, AfterValidator(_without_fragment), AfterValidator(_redirect_address)
]
RequestAddress = Annotated[_Text, AfterValidator(_web_address)]
"""Where a request object lies; a fragment may hold its hash (OpenID Connect Core section 6.2)."""
