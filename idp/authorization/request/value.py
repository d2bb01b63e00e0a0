"""A checked authorization request, and the two ways in which one fails."""

from dataclasses import dataclass
from datetime import timedelta

from authlib.oauth2.rfc6749 import OAuth2Error

from idp.authorization.request.claims_parameter import ClaimsRequest
from idp.clients.client import Client
from idp.errors import IdpError


class Unanswerable(IdpError):
    """A request that must not be answered by a redirect: a page of ours says what is wrong."""

    code = "authorization_request"
    status = 400


@dataclass(frozen=True, kw_only=True)
class ReturnAddress:
    """Where the answer goes, error or code, and in which form; its address was checked first."""

    client: Client
    redirect_uri: str
    state: str | None
    response_mode: str


class Declined(Exception):
    """A request that is answered with an error at the client's own address."""

    def __init__(self, error: OAuth2Error, address: ReturnAddress) -> None:
        self.error = error
        self.address = address
        super().__init__(error.error)


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """A request that passed every check."""

    client: Client
    address: ReturnAddress
    parameters: dict[str, str]
    """The client's own and how they came, as `Given.carry` has them."""
    pushed: str | None
    """The ``request_uri`` that is spent when a code is issued; None if it was not pushed."""
    scope: str
    organization: str | None
    prompt: frozenset[str]
    max_age: timedelta | None
    claims: ClaimsRequest
    acr_values: tuple[str, ...]
    """How the client prefers its people authenticated, the best first; never a condition."""
    resource: tuple[str, ...]

    @property
    def redirect_uri(self) -> str:
        """Where the answer goes."""
        return self.address.redirect_uri

    @property
    def is_openid(self) -> bool:
        """Whether an ID token is asked for; a plain OAuth request gets none (RFC 6749)."""
        return "openid" in self.scope.split()

    @property
    def consent_scope(self) -> frozenset[str]:
        """What the person must have allowed, single claims by their scopes; our own ask nobody."""
        if self.client.is_first_party:
            return frozenset()
        scopes = (name for name in self.scope.split() if not name.startswith("organization:"))
        return frozenset(scopes) | self.claims.scopes

    def get(self, name: str) -> str | None:
        """One of the client's parameters."""
        return self.parameters.get(name)
