"""Reading an authorization request, in a fixed order.

Who asks, where the request lies, where the answer goes; then the table of checks.
"""

from dataclasses import replace
from datetime import timedelta

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import InvalidRequestURIError

from idp.authorization.request import claims_parameter
from idp.authorization.request.checks import (
    CHECKS,
    IDENTITY_SCOPES,
    Check,
    check_client,
    check_redirect_uri,
    check_way,
)
from idp.authorization.request.given import Given
from idp.authorization.request.objects import RequestObjects
from idp.authorization.request.pushed import PREFIX, PushedRequests
from idp.authorization.request.response_modes import mode_for_errors, response_mode
from idp.authorization.request.value import (
    AuthorizationRequest,
    Declined,
    ReturnAddress,
    Unanswerable,
)
from idp.clients.client import Client
from idp.clients.registry import Clients


class Requests:
    """Reads requests: as they arrive, as they are pushed, and as a browser carries them."""

    def __init__(self, clients: Clients, objects: RequestObjects, pushed: PushedRequests) -> None:
        self._clients = clients
        self._objects = objects
        self._pushed = pushed

    def arriving(self, given: Given) -> AuthorizationRequest:
        """At the authorization endpoint; Unanswerable where we must not redirect, else Declined."""
        client = check_client(given, self._clients)
        try:
            resolved = self._resolved(given, client)
        except OAuth2Error as error:
            raise _before_the_address(error, given, client) from error
        return _checked(resolved, client, (check_way, *CHECKS))

    def carried(self, parameters: dict[str, str]) -> AuthorizationRequest:
        """Back from a page of ours; it was resolved when it arrived, all else is checked again."""
        given = Given.carried(parameters)
        return _checked(given, check_client(given, self._clients), (check_way, *CHECKS))

    def push(self, given: Given, client: Client, jkt: str | None = None) -> str:
        """Keep a client's request that passes every check; its ``request_uri`` (RFC 9126).

        ``jkt`` is the key it was pushed with a proof of, which binds the code (RFC 9449 section
        10.1). Raises OAuth2Error: there is no browser to redirect or to show a page to.
        """
        if given.get("request_uri"):
            raise InvalidRequestError("a request_uri cannot be pushed")
        given = _bound(self._resolved(given, client), jkt)
        try:
            _checked(given, client, CHECKS)
        except Unanswerable as error:
            raise InvalidRequestError("redirect_uri is not registered") from error
        except Declined as declined:
            raise declined.error from declined
        return self._pushed.keep(given, client)

    def _resolved(self, given: Given, client: Client) -> Given:
        """The parameters that count: those sent, pushed before, or of a request object."""
        for name in ("request", "request_uri"):
            if name in given.repeated:
                raise InvalidRequestError(f"{name} is given more than once")
        token, uri = given.get("request"), given.get("request_uri")
        if token and uri:
            raise InvalidRequestError("request and request_uri exclude each other")
        if token:
            return self._objects.by_value(token, client)
        if uri and uri.startswith(PREFIX):
            return self._found(uri, client)
        return self._objects.by_reference(uri, client) if uri else given

    def _found(self, uri: str, client: Client) -> Given:
        found = self._pushed.find(uri, client)
        if found is None:
            raise InvalidRequestURIError("request_uri is unknown, expired or used")
        return found


def _bound(given: Given, jkt: str | None) -> Given:
    if jkt is None:
        return given
    if given.get("dpop_jkt") not in (None, jkt):
        raise InvalidRequestError("dpop_jkt is not the key of the proof")
    return replace(given, parameters={**given.parameters, "dpop_jkt": jkt})


def _before_the_address(error: OAuth2Error, given: Given, client: Client) -> Exception:
    """What is wrong with a request object goes to the address beside it, if that is registered."""
    try:
        redirect_uri = check_redirect_uri(given, client)
    except Unanswerable:
        is_lost = isinstance(error, InvalidRequestURIError)
        return Unanswerable("interaction_lost" if is_lost else "authorization_request")
    return Declined(error, _for_errors(given, client, redirect_uri))


def _checked(given: Given, client: Client, checks: tuple[Check, ...]) -> AuthorizationRequest:
    redirect_uri = check_redirect_uri(given, client)
    try:
        for check in checks:
            check(given, client)
    except OAuth2Error as error:
        raise Declined(error, _for_errors(given, client, redirect_uri)) from error
    return _request(given, client, redirect_uri)


def _for_errors(given: Given, client: Client, redirect_uri: str) -> ReturnAddress:
    return ReturnAddress(
        client=client,
        redirect_uri=redirect_uri,
        state=given.single("state"),
        response_mode=mode_for_errors(given.single("response_mode")),
    )


def _request(given: Given, client: Client, redirect_uri: str) -> AuthorizationRequest:
    scope = client.allowed_scope(given.get("scope") or "")
    claims = _claims(given, client, scope)
    return AuthorizationRequest(
        client=client,
        address=ReturnAddress(
            client=client,
            redirect_uri=redirect_uri,
            state=given.get("state"),
            response_mode=response_mode(given.get("response_mode")),
        ),
        parameters=given.carry(),
        pushed=given.pushed,
        scope=scope,
        organization=_organization(given),
        prompt=frozenset((given.get("prompt") or "").split()),
        max_age=_max_age(given, client),
        claims=claims,
        acr_values=claims.acr_values or _acr_values(given, client),
        resource=given.resource,
    )


def _claims(given: Given, client: Client, scope: str) -> claims_parameter.ClaimsRequest:
    """The single claims asked for that this client may have; none without ``openid``."""
    if "openid" not in scope.split():
        return claims_parameter.ClaimsRequest()
    allowed = client.allowed_scope(" ".join(IDENTITY_SCOPES)).split()
    return claims_parameter.parse(given.get("claims")).within(set(allowed))


def _acr_values(given: Given, client: Client) -> tuple[str, ...]:
    """Those of the request, whatever they are, else the client's own (OIDC Registration 2)."""
    asked = given.get("acr_values")
    return tuple(asked.split() if asked else client.default_acr_values)


def _organization(given: Given) -> str | None:
    """The slug asked for, by the parameter or by the scope ``organization:<slug>``."""
    if slug := given.get("organization"):
        return slug
    scopes = (given.get("scope") or "").split()
    return next((s.partition(":")[2] for s in scopes if s.startswith("organization:")), None)


def _max_age(given: Given, client: Client) -> timedelta | None:
    age = given.get("max_age") or client.metadata.get("default_max_age")
    return None if age is None else timedelta(seconds=int(age))
