"""What an authorization request must hold, as a table of checks in their order.

Two come before any of these, because their failure must not redirect: `check_client` and
`check_redirect_uri`. `check_way` is asked where a browser brings the request. A check is a function
of (`Given`, `Client`) that raises OAuth2Error.
"""

import re
from collections.abc import Callable

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.authorization.acr import ACR_VALUES
from idp.authorization.request import claims_parameter
from idp.authorization.request.errors import (
    UnmetAuthenticationRequirements,
    UnsupportedResponseType,
    named,
)
from idp.authorization.request.given import Given
from idp.authorization.request.response_modes import response_mode
from idp.authorization.request.value import Unanswerable
from idp.authorization.resources import checked
from idp.authorization.scopes import check_givable
from idp.clients.client import Client
from idp.clients.registry import Clients

PROMPTS = ("none", "login", "consent", "select_account", "create")
MAX_PARAMETERS = 6000
"""Characters of an authorization request, which travels sealed in addresses."""
IDENTITY_SCOPES = frozenset(("profile", "email", "organizations"))
"""Scopes that mean claims, which only a request for ``openid`` gets."""
Check = Callable[[Given, Client], None]
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
        raise InvalidRequestError(f"{named(given.repeated[0])} is given more than once")
    if sum(len(name) + len(value) for name, value in given.carry().items()) > MAX_PARAMETERS:
        raise InvalidRequestError("the request is too long")


def check_way(given: Given, client: Client) -> None:
    """Pushed, where the client is registered to push (RFC 9126 section 6)."""
    if client.metadata.get("require_pushed_authorization_requests") and given.pushed is None:
        raise InvalidRequestError("this client must push its requests")


def check_signature(given: Given, client: Client) -> None:
    """Signed, where the client is registered to sign (RFC 9101 section 10.5)."""
    if client.metadata.get("require_signed_request_object") and not given.is_signed:
        raise InvalidRequestError("this client must send signed request objects")


def check_response_type(given: Given, client: Client) -> None:
    """The code flow, and a client that registered for it."""
    response_type = given.get("response_type")
    if response_type is None:
        raise InvalidRequestError("response_type is missing")
    if response_type != "code":
        raise UnsupportedResponseType("response_type must be code")
    if not client.allows_grant_type("authorization_code"):
        raise UnauthorizedClientError("the client is not registered for codes")


def check_response_mode(given: Given, client: Client) -> None:
    """A mode that we offer; a signed one, where the client's profile signs its messages."""
    mode = response_mode(given.get("response_mode"))
    is_to_be_signed = (
        client.metadata.get("fapi_profile") == "fapi2_message_signing"
        and client.metadata.get("authorization_signed_response_alg") is not None
    )
    if is_to_be_signed and not mode.endswith(".jwt"):
        raise InvalidRequestError("this client's answers are signed: response_mode must be jwt")


def check_scope(given: Given, client: Client) -> None:
    """Something to grant, and ``openid`` wherever claims are asked for (OIDC Core 3.1.2.1)."""
    allowed = set(client.allowed_scope(given.get("scope") or "").split())
    if "openid" in allowed:
        return
    if not given.get("scope") or allowed & IDENTITY_SCOPES or not allowed - {"offline_access"}:
        raise InvalidScopeError("scope must contain openid, or scopes of our other interfaces")


def check_givable_scope(given: Given, _client: Client) -> None:
    """Nothing that a client can only have by itself, whoever signs in."""
    check_givable(given.get("scope"))


def check_pkce(given: Given, client: Client) -> None:
    """S256 (RFC 9700 section 2.1.1), unless the registration exempts; plain is not offered."""
    challenge = given.get("code_challenge")
    is_exempt = not client.metadata.get("require_pkce", True)
    if challenge is None and is_exempt and given.get("code_challenge_method") is None:
        return
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


CHECKS: tuple[Check, ...] = (
    check_single,
    check_signature,
    check_response_type,
    check_response_mode,
    check_givable_scope,
    check_scope,
    check_pkce,
    check_prompt,
    check_max_age,
    check_claims,
    check_resource,
    check_dpop_key,
)
"""In this order, once client and redirect URI are known."""
