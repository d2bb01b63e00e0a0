"""What a visitor knows of an OpenID Provider: issuer, metadata, registered clients and people."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from joserfc.jwk import KeySet

REDIRECT_URI = "http://localhost:9/cb"
"""Never fetched: the generator reads the code from the Location header."""
RESOURCE = "https://api.example.com"
"""An API that clients get JWTs for."""


class Person(NamedTuple):
    """Somebody who can sign in."""

    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Client:
    """A registered confidential client and the headers of its token requests."""

    client_id: str
    client_secret: str = field(repr=False)
    algorithm: str
    scope: str

    @property
    def authorization(self) -> str:
        """The header line of client_secret_basic (RFC 6749 section 2.3.1)."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return f"Authorization: Basic {b64encode(pair.encode()).decode()}\r\n"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A provider that is up; ``clients`` is keyed by (algorithm, whether it may refresh)."""

    issuer: str
    metadata: Mapping[str, Any] = field(repr=False)
    keys: KeySet = field(repr=False)
    clients: Mapping[tuple[str, bool], Client]
    people: Sequence[Person] = field(repr=False)

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect; the issuer is always on this machine."""
        port = urlsplit(self.issuer).port
        assert port is not None
        return ("127.0.0.1", port)

    @property
    def host(self) -> str:
        """The Host header."""
        return urlsplit(self.issuer).netloc

    def target(self, endpoint: str) -> str:
        """Return the request target of the metadata member ``endpoint``."""
        return str(self.metadata[endpoint]).removeprefix(self.issuer)
