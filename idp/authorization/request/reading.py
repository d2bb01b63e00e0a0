"""Reading an authorization request: who asks, where the answer goes, then the table of checks."""

from datetime import timedelta

from authlib.oauth2.rfc6749 import OAuth2Error

from idp.authorization.request import claims_parameter
from idp.authorization.request.checks import (
    CHECKS,
    IDENTITY_SCOPES,
    check_client,
    check_redirect_uri,
)
from idp.authorization.request.given import Given
from idp.authorization.request.response_modes import mode_for_errors, response_mode
from idp.authorization.request.value import AuthorizationRequest, Declined, ReturnAddress
from idp.clients.client import Client
from idp.clients.registry import Clients

__all__ = ["Given", "read"]


def read(given: Given, clients: Clients) -> AuthorizationRequest:
    """Check a request; Unanswerable where we must not redirect, else Declined for the client."""
    client = check_client(given, clients)
    redirect_uri = check_redirect_uri(given, client)
    try:
        for check in CHECKS:
            check(given, client)
    except OAuth2Error as error:
        mode = mode_for_errors(given.single("response_mode"))
        raise Declined(error, _address(given, client, redirect_uri, mode)) from error
    mode = response_mode(given.get("response_mode"))
    return _request(given, client, _address(given, client, redirect_uri, mode))


def _address(given: Given, client: Client, redirect_uri: str, mode: str) -> ReturnAddress:
    return ReturnAddress(
        client=client,
        redirect_uri=redirect_uri,
        state=given.single("state"),
        response_mode=mode,
    )


def _request(given: Given, client: Client, address: ReturnAddress) -> AuthorizationRequest:
    scope = client.allowed_scope(given.get("scope") or "")
    return AuthorizationRequest(
        client=client,
        address=address,
        parameters=given.carry(),
        scope=scope,
        organization=_organization(given),
        prompt=frozenset((given.get("prompt") or "").split()),
        max_age=_max_age(given, client),
        claims=_claims(given, client, scope),
        resource=given.resource,
    )


def _claims(given: Given, client: Client, scope: str) -> claims_parameter.ClaimsRequest:
    """The single claims asked for that this client may have; none without ``openid``."""
    if "openid" not in scope.split():
        return claims_parameter.ClaimsRequest()
    allowed = client.allowed_scope(" ".join(IDENTITY_SCOPES)).split()
    return claims_parameter.parse(given.get("claims")).within(set(allowed))


def _organization(given: Given) -> str | None:
    """The slug asked for, by the parameter or by the scope ``organization:<slug>``."""
    if slug := given.get("organization"):
        return slug
    scopes = (given.get("scope") or "").split()
    return next((s.partition(":")[2] for s in scopes if s.startswith("organization:")), None)


def _max_age(given: Given, client: Client) -> timedelta | None:
    age = given.get("max_age") or client.metadata.get("default_max_age")
    return None if age is None else timedelta(seconds=int(age))
