"""The authorization request: parsed into a value, then checked by a table in a fixed order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import InvalidScopeError, UnsupportedResponseTypeError
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.errors import IdpError
from idp.foundation.web.protocol import Parameters

PROMPTS = ("none", "login", "consent", "select_account")
MAX_PARAMETERS = 6000
"""Characters of an authorization request, which travels sealed in addresses."""
_CHALLENGE_LENGTH = 43


class Unanswerable(IdpError):
    """A request that must not be answered by a redirect: a page of ours says what is wrong."""

    code = "authorization_request"
    status = 400


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """A request that passed every check."""

    client: Client
    redirect_uri: str
    parameters: dict[str, str]
    scope: str
    organization: str | None
    prompt: frozenset[str]
    max_age: timedelta | None

    def get(self, name: str) -> str | None:
        """One of the client's parameters."""
        return self.parameters.get(name)


def read(given: Parameters | dict[str, str], clients: Clients) -> AuthorizationRequest:
    """Check a request; Unanswerable where we must not redirect, else OAuth2Error for the client."""
    repeated: list[str] = getattr(given, "repeated", [])
    parameters = dict(given)
    client = _check_client(parameters, repeated, clients)
    redirect_uri = _check_redirect_uri(parameters, repeated, client)
    try:
        for check in _CHECKS:
            check(parameters, repeated, client)
        return AuthorizationRequest(
            client=client,
            redirect_uri=redirect_uri,
            parameters=parameters,
            scope=_scope(parameters, client),
            organization=_organization(parameters),
            prompt=frozenset((parameters.get("prompt") or "").split()),
            max_age=_max_age(parameters, client),
        )
    except OAuth2Error as error:
        error.redirect_uri = redirect_uri
        error.state = None if "state" in repeated else parameters.get("state")
        raise


def _check_client(parameters: dict[str, str], repeated: list[str], clients: Clients) -> Client:
    client_id = parameters.get("client_id")
    client = clients.find(client_id) if client_id and "client_id" not in repeated else None
    if client is None:
        raise Unanswerable("unknown_client")
    return client


def _check_redirect_uri(parameters: dict[str, str], repeated: list[str], client: Client) -> str:
    """The registered redirect URI, byte for byte (RFC 9700 section 4.1.3)."""
    given = parameters.get("redirect_uri")
    if "redirect_uri" in repeated or given not in client.redirect_uris:
        raise Unanswerable("wrong_redirect_uri")
    return str(given)


def _check_single(parameters: dict[str, str], repeated: list[str], _client: Client) -> None:
    if repeated:
        raise InvalidRequestError(f"{repeated[0]} is given more than once")
    if sum(len(name) + len(value) for name, value in parameters.items()) > MAX_PARAMETERS:
        raise InvalidRequestError("the request is too long")


def _check_objects(parameters: dict[str, str], _repeated: Any, _client: Client) -> None:
    """A request object is refused by its name, never silently ignored (OIDC Core 6.1)."""
    if "request" in parameters:
        raise RequestNotSupportedError("request is not supported; send the parameters themselves")
    if "request_uri" in parameters:
        raise RequestURINotSupportedError(
            "request_uri is not supported; send the parameters themselves"
        )


def _check_response(parameters: dict[str, str], _repeated: Any, client: Client) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise InvalidRequestError("response_type is missing")
    if response_type != "code":
        raise UnsupportedResponseTypeError(response_type)
    if not client.allows_grant_type("authorization_code"):
        raise UnauthorizedClientError("the client is not registered for codes")
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequestError("response_mode must be query")


def _check_scope(parameters: dict[str, str], _repeated: Any, _client: Client) -> None:
    if "openid" not in parameters.get("scope", "").split():
        raise InvalidScopeError("scope must contain openid")


def _check_pkce(parameters: dict[str, str], _repeated: Any, _client: Client) -> None:
    """S256, always (RFC 9700 section 2.1.1); the plain method is not offered."""
    challenge = parameters.get("code_challenge")
    if challenge is None:
        raise InvalidRequestError("code_challenge is missing")
    if parameters.get("code_challenge_method") != "S256":
        raise InvalidRequestError("code_challenge_method must be S256")
    if len(challenge) != _CHALLENGE_LENGTH:
        raise InvalidRequestError("code_challenge is not a SHA-256 digest in base64url")


def _check_prompt(parameters: dict[str, str], _repeated: Any, _client: Client) -> None:
    prompts = (parameters.get("prompt") or "").split()
    if set(prompts) - set(PROMPTS):
        raise InvalidRequestError(f"prompt must be one of {' '.join(PROMPTS)}")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt=none goes with no other prompt")


def _check_max_age(parameters: dict[str, str], _repeated: Any, _client: Client) -> None:
    age = parameters.get("max_age", "0")
    if not (age.isascii() and age.isdigit() and len(age) < 10):
        raise InvalidRequestError("max_age must be a number of seconds")


# In this order; a client and its redirect URI come before, because those two must not redirect.
_CHECKS = (
    _check_single,
    _check_objects,
    _check_response,
    _check_scope,
    _check_pkce,
    _check_prompt,
    _check_max_age,
)


def _scope(parameters: dict[str, str], client: Client) -> str:
    return client.allowed_scope(parameters["scope"])


def _organization(parameters: dict[str, str]) -> str | None:
    """The slug asked for, by the parameter or by the scope ``organization:<slug>``."""
    if slug := parameters.get("organization"):
        return slug
    scopes = parameters.get("scope", "").split()
    return next((s.partition(":")[2] for s in scopes if s.startswith("organization:")), None)


def _max_age(parameters: dict[str, str], client: Client) -> timedelta | None:
    age = parameters.get("max_age", client.metadata.get("default_max_age"))
    return None if age is None else timedelta(seconds=int(age))
