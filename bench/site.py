"""What a visitor knows of an OpenID Provider: issuer, metadata, registered clients and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from joserfc.jwk import KeySet

from bench.clients import Client, Registration
from bench.upstreams import Upstreams

RESOURCE = "https://api.example.com"
"""An API that clients get JWTs for."""


class Person(NamedTuple):
    """Somebody who can sign in."""

    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """A provider that is up."""

    issuer: str
    metadata: Mapping[str, Any] = field(repr=False)
    keys: KeySet = field(repr=False)
    clients: Mapping[Registration, Client]
    people: Sequence[Person] = field(repr=False)
    upstreams: Upstreams | None = None
    """Whom people arrive from by single sign-on; None where they do not."""
    sso_link: str = ""
    signed_in_page: str = ""
    """What only a signed-in person is shown."""

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
