"""What a visitor does: once before the clock starts, and then again and again."""

from collections.abc import Callable
from itertools import cycle

from bench import arrivals, bound
from bench.bound import Prover
from bench.browser import Browser
from bench.clients import Client
from bench.errors import WrongAnswer
from bench.message import request
from bench.site import RESOURCE, Site
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
from bench.upstreams import Upstreams


class Visitor:
    """One connection's browser and relying party, with what they hold between turns."""

    def __init__(self, site: Site, client: Client, number: int) -> None:
        self.site = site
        self.client = client
        self.number = number
        self.people = cycle([*site.people[number:], *site.people[:number]])
        self.browser = Browser(site.issuer)
        self.prover = Prover()
        self.tokens: Tokens | None = None
        self.expected = b""
        self.arrived_at = ""

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


def sign_in(visitor: Visitor) -> Story[None]:
    """A new browser signs in by the form and the client gets its tokens."""
    visitor.browser = Browser(visitor.site.issuer)
    code = yield from authorize(visitor.site, visitor.client, visitor.browser, next(visitor.people))
    visitor.hold((yield from redeem(visitor.site, visitor.client, code)))


def sign_in_bound(visitor: Visitor) -> Story[None]:
    """The same with a pushed signed request, and tokens bound to a key of the client's."""
    visitor.browser = Browser(visitor.site.issuer)
    site, client, person = visitor.site, visitor.client, next(visitor.people)
    code = yield from bound.push(site, client, visitor.browser, person)
    visitor.hold((yield from bound.redeem(site, client, code, visitor.prover)))


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


def nothing(_: Visitor) -> Story[None]:
    """Nothing to do before the clock starts."""
    yield from ()


def _arrives(
    by: Callable[[Upstreams, Browser, str, int], Story[str]],
) -> tuple[Callable[[Visitor], Story[None]], Callable[[Visitor], Story[None]]]:
    """Return prepare and turn of an arrival in a new browser.

    The first one forms the account, and is seen to have a session.
    """

    def arrive(visitor: Visitor) -> Story[str]:
        assert visitor.site.upstreams is not None
        visitor.browser = Browser(visitor.site.issuer)
        link = visitor.site.sso_link
        return (yield from by(visitor.site.upstreams, visitor.browser, link, visitor.number))

    def prepare(visitor: Visitor) -> Story[None]:
        visitor.arrived_at = yield from arrive(visitor)
        yield from arrivals.require_session(visitor.browser, visitor.site.signed_in_page)

    def turn(visitor: Visitor) -> Story[None]:
        place = yield from arrive(visitor)
        if place != visitor.arrived_at:
            raise WrongAnswer(f"arrived at {place} instead of {visitor.arrived_at}")

    return prepare, turn


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


first_discovery, discovery = _reads(lambda _: "/.well-known/openid-configuration")
first_by_oidc, by_oidc = _arrives(arrivals.by_oidc)
first_by_saml, by_saml = _arrives(arrivals.by_saml)
first_jwks, jwks = _reads(lambda site: site.target("jwks_uri"))
