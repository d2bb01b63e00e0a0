"""What an authorization request must hold, as a table of checks in their order.

Two come before any of these, because their failure must not redirect: `check_client` and
`check_redirect_uri`. A check is a function of (`Given`, `Client`) that raises OAuth2Error.
"""

import re

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import InvalidScopeError, UnsupportedResponseTypeError
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from idp.authorization.acr import ACR_VALUES
from idp.authorization.request import claims_parameter
from idp.authorization.request.errors import UnmetAuthenticationRequirements
from idp.authorization.request.given import Given
from idp.authorization.request.response_modes import response_mode
from idp.authorization.request.value import Unanswerable
from idp.authorization.resources import checked
from idp.clients.client import Client
from idp.clients.registry import Clients

PROMPTS = ("none", "login", "consent", "select_account", "create")
MAX_PARAMETERS = 6000
"""Characters of an authorization request, which travels sealed in addresses."""
IDENTITY_SCOPES = frozenset(("profile", "email", "organizations"))
"""Scopes that mean claims, which only a request for ``openid`` gets."""
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY_THUMBPRINT = _CHALLENGE


def check_client(given: Given, clients: Clients) -> Client:
    """Who asks; Unanswerable where nobody we know does."""
    client_id = given.get("client_id")
    client = clients.find(client_id) if client_id and "client_id" not in given.repeated else None
    if client is None:
        raise Unanswerable("unknown_client")
    return client


def check_redirect_uri(given: Given, client: Client) -> str:
    """The registered redirect URI, byte for byte (RFC 9700 section 4.1.3); else Unanswerable."""
    asked = given.get("redirect_uri")
    if "redirect_uri" in given.repeated or asked is None or not client.allows_redirect_uri(asked):
        raise Unanswerable("wrong_redirect_uri")
    return str(asked)


def check_single(given: Given, _client: Client) -> None:
    """Every parameter once (RFC 6749 section 3.1), all of them short enough to be carried."""
    if given.repeated:
        raise InvalidRequestError(f"{given.repeated[0]} is given more than once")
    if sum(len(name) + len(value) for name, value in given.carry().items()) > MAX_PARAMETERS:
        raise InvalidRequestError("the request is too long")


def check_objects(given: Given, _client: Client) -> None:
    """A request object is refused by its name, never silently ignored (OIDC Core 6.1)."""
    if given.get("request"):
        raise RequestNotSupportedError("request is not supported; send the parameters themselves")
    if given.get("request_uri"):
        raise RequestURINotSupportedError(
            "request_uri is not supported; send the parameters themselves"
        )


def check_response_type(given: Given, client: Client) -> None:
    """The code flow, and a client that registered for it."""
    response_type = given.get("response_type")
    if response_type is None:
        raise InvalidRequestError("response_type is missing")
    if response_type != "code":
        raise UnsupportedResponseTypeError(response_type)
    if not client.allows_grant_type("authorization_code"):
        raise UnauthorizedClientError("the client is not registered for codes")


def check_response_mode(given: Given, _client: Client) -> None:
    """A mode that we offer."""
    response_mode(given.get("response_mode"))


def check_scope(given: Given, client: Client) -> None:
    """Something to grant, and ``openid`` wherever claims are asked for (OIDC Core 3.1.2.1)."""
    allowed = set(client.allowed_scope(given.get("scope") or "").split())
    if "openid" in allowed:
        return
    if not given.get("scope") or allowed & IDENTITY_SCOPES or not allowed - {"offline_access"}:
        raise InvalidScopeError("scope must contain openid, or scopes of our other interfaces")


def check_pkce(given: Given, _client: Client) -> None:
    """S256, always (RFC 9700 section 2.1.1); the plain method is not offered."""
    challenge = given.get("code_challenge")
    if challenge is None:
        raise InvalidRequestError("code_challenge is missing")
    if given.get("code_challenge_method") != "S256":
        raise InvalidRequestError("code_challenge_method must be S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("code_challenge is not a SHA-256 digest in base64url")


def check_prompt(given: Given, _client: Client) -> None:
    """Known values; none goes alone (OpenID Connect Core 3.1.2.1)."""
    prompts = (given.get("prompt") or "").split()
    if set(prompts) - set(PROMPTS):
        raise InvalidRequestError(f"prompt must be one of {' '.join(PROMPTS)}")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt=none goes with no other prompt")


def check_max_age(given: Given, _client: Client) -> None:
    """A number of seconds; 0 asks for a new sign-in."""
    age = given.get("max_age") or "0"
    if not (age.isascii() and age.isdigit() and len(age) < 10):
        raise InvalidRequestError("max_age must be a number of seconds")


def check_claims(given: Given, _client: Client) -> None:
    """A well-formed ``claims``, and an essential ``acr`` only of those that we can give."""
    claims = claims_parameter.parse(given.get("claims"))
    if claims.required_acr and not claims.required_acr & set(ACR_VALUES):
        raise UnmetAuthenticationRequirements("no sign-in here has one of the acr values asked for")


def check_resource(given: Given, _client: Client) -> None:
    """Absolute addresses without a fragment (RFC 8707 section 2); the one that may repeat."""
    checked(given.resource)


def check_dpop_key(given: Given, _client: Client) -> None:
    """The thumbprint of a key, where the code is to be bound to one (RFC 9449 section 10)."""
    thumbprint = given.get("dpop_jkt")
    if thumbprint is not None and not _KEY_THUMBPRINT.fullmatch(thumbprint):
        raise InvalidRequestError("dpop_jkt is not a SHA-256 thumbprint in base64url")


CHECKS = (
    check_single,
    check_objects,
    check_response_type,
    check_response_mode,
    check_scope,
    check_pkce,
    check_prompt,
    check_max_age,
    check_claims,
    check_resource,
    check_dpop_key,
)
"""In this order, once client and redirect URI are known."""
