"""The ways a benchmark walks: what a visitor does before the clock starts and in each turn.

``at_least`` and ``aim`` are our targets as ratios to the peer (for ``hashing``: to the limit),
``limit`` names the operation that bounds the way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

from bench.browser import Browser
from bench.message import request
from bench.site import RESOURCE, Client, Site
from bench.steps import (
    Story,
    Tokens,
    authorize,
    client_credentials,
    document,
    introspect,
    redeem,
    refresh,
    userinfo,
    verify,
)

ALGORITHMS = ("ES256", "RS256")


class Visitor:
    """One connection's browser and relying party, with what they hold between turns."""

    def __init__(self, site: Site, client: Client, number: int) -> None:
        self.site = site
        self.client = client
        self.people = cycle([*site.people[number:], *site.people[:number]])
        self.browser = Browser(site.issuer)
        self.tokens: Tokens | None = None
        self.expected = b""

    def hold(self, tokens: Tokens) -> None:
        """Keep ``tokens``; the first ones in a visit are verified down to the signature."""
        if self.tokens is None:
            verify(self.site, self.client, tokens)
        self.tokens = tokens

    @property
    def held(self) -> Tokens:
        """The tokens of the turn before."""
        assert self.tokens is not None
        return self.tokens


@dataclass(frozen=True, kw_only=True)
class Way:
    """One thing to measure; ``hashing`` needs a provider whose passwords are really hashed."""

    name: str
    turn: Callable[[Visitor], Story[None]]
    prepare: Callable[[Visitor], Story[None]]
    limit: str
    algorithm: str = "ES256"
    refreshes: bool = False
    hashing: bool = False
    at_least: float
    aim: float


def sign_in(visitor: Visitor) -> Story[None]:
    """A new browser signs in by the form and the client gets its tokens."""
    visitor.browser = Browser(visitor.site.issuer)
    code = yield from authorize(visitor.site, visitor.client, visitor.browser, next(visitor.people))
    visitor.hold((yield from redeem(visitor.site, visitor.client, code)))


def return_signed_in(visitor: Visitor) -> Story[None]:
    """The same browser comes again: no page, a code, new tokens."""
    code = yield from authorize(visitor.site, visitor.client, visitor.browser, None)
    visitor.hold((yield from redeem(visitor.site, visitor.client, code)))


def rotate(visitor: Visitor) -> Story[None]:
    """The client uses its refresh token and keeps the successor."""
    visitor.hold((yield from refresh(visitor.site, visitor.client, visitor.held)))


def ask_userinfo(visitor: Visitor) -> Story[None]:
    """The client asks who the person is."""
    yield from userinfo(visitor.site, visitor.held)


def ask_opaque(visitor: Visitor) -> Story[None]:
    """The client gets an opaque token for itself."""
    yield from client_credentials(visitor.site, visitor.client, None)


def ask_jwt(visitor: Visitor) -> Story[None]:
    """The client gets a JWT for itself, for an API (RFC 9068)."""
    yield from client_credentials(visitor.site, visitor.client, RESOURCE)


def ask_introspection(visitor: Visitor) -> Story[None]:
    """The client asks whether its access token counts."""
    yield from introspect(visitor.site, visitor.client, visitor.held)


def arrive(_: Visitor) -> Story[None]:
    """Nothing to do before the clock starts."""
    yield from ()


def _reads(
    target: Callable[[Site], str],
) -> tuple[Callable[[Visitor], Story[None]], Callable[[Visitor], Story[None]]]:
    """Return prepare and turn of reading one public JSON document, the same bytes each time."""

    def ask(visitor: Visitor) -> bytes:
        return request(
            "GET", target(visitor.site), visitor.site.host, "Accept: application/json\r\n"
        )

    def prepare(visitor: Visitor) -> Story[None]:
        response = yield ask(visitor)
        document(response)
        visitor.expected = response.body

    def turn(visitor: Visitor) -> Story[None]:
        response = yield ask(visitor)
        if response.status != 200 or response.body != visitor.expected:
            raise response.wrong("the same document as before")

    return prepare, turn


_first_discovery, _discovery = _reads(lambda _: "/.well-known/openid-configuration")
_first_jwks, _jwks = _reads(lambda site: site.target("jwks_uri"))

WAYS = (
    Way(
        name="discovery",
        prepare=_first_discovery,
        turn=_discovery,
        limit="empty_wsgi",
        at_least=1.2,
        aim=6,
    ),
    Way(name="jwks", prepare=_first_jwks, turn=_jwks, limit="empty_wsgi", at_least=1.2, aim=6),
    Way(name="flow ES256", prepare=arrive, turn=sign_in, limit="p256_sign", at_least=2.5, aim=4.5),
    Way(
        name="flow RS256",
        prepare=arrive,
        turn=sign_in,
        limit="rsa_sign",
        algorithm="RS256",
        at_least=2,
        aim=3,
    ),
    Way(
        name="sso ES256",
        prepare=sign_in,
        turn=return_signed_in,
        limit="p256_sign",
        at_least=2.5,
        aim=4.5,
    ),
    Way(
        name="refresh ES256",
        prepare=sign_in,
        turn=rotate,
        limit="fdatasync",
        refreshes=True,
        at_least=2.5,
        aim=4.5,
    ),
    Way(
        name="refresh RS256",
        prepare=sign_in,
        turn=rotate,
        limit="rsa_sign",
        algorithm="RS256",
        refreshes=True,
        at_least=1.3,
        aim=1.5,
    ),
    Way(
        name="userinfo",
        prepare=sign_in,
        turn=ask_userinfo,
        limit="empty_wsgi",
        at_least=1.5,
        aim=3.5,
    ),
    Way(
        name="client_credentials opaque",
        prepare=arrive,
        turn=ask_opaque,
        limit="empty_wsgi",
        at_least=2,
        aim=4.5,
    ),
    Way(
        name="client_credentials ES256",
        prepare=arrive,
        turn=ask_jwt,
        limit="p256_sign",
        at_least=2,
        aim=4.5,
    ),
    Way(
        name="client_credentials RS256",
        prepare=arrive,
        turn=ask_jwt,
        limit="rsa_sign",
        algorithm="RS256",
        at_least=1.3,
        aim=1.4,
    ),
    Way(
        name="introspection",
        prepare=sign_in,
        turn=ask_introspection,
        limit="empty_wsgi",
        at_least=1.5,
        aim=3.5,
    ),
    Way(
        name="password",
        prepare=arrive,
        turn=sign_in,
        limit="argon2_verify",
        hashing=True,
        at_least=0.85,
        aim=0.95,
    ),
)
