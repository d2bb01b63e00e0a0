"""Request objects (RFC 9101): an authorization request that its client signed.

By value or from one of the client's registered addresses. All parameters come from the object,
whatever stands beside it (section 6.3); it is signed, never ``none`` and never encrypted.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import InvalidRequestObjectError, InvalidRequestURIError
from joserfc.jwk import KeySet

from idp.authorization.request.errors import named
from idp.authorization.request.given import Given
from idp.clients.client import Client
from idp.clients.client_keys import ClientKeys, NoKeys
from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetcher, FetchError
from idp.foundation.secrets import base64url_digest, equal
from idp.signing.jwt import InvalidJWT, peek, verify

_TYPES = ("jwt", "oauth-authz-req+jwt")
_LONGEST = 20_000
"""Characters of an object."""
_SKEW = timedelta(seconds=60)
_FAPI_LIFE = timedelta(minutes=60)
"""FAPI 2.0 Message Signing section 5.3.1: how old ``nbf`` and how far after it ``exp`` may be."""
_ABOUT_THE_OBJECT = frozenset(("iss", "aud", "exp", "nbf", "iat", "jti"))
_PARTS_OF_ENCRYPTED = 5


class RequestObjects:
    """Reads the clients' request objects."""

    def __init__(self, client_keys: ClientKeys, fetcher: Fetcher, issuer: str) -> None:
        self._client_keys = client_keys
        self._fetcher = fetcher
        self._issuer = issuer

    def by_value(self, token: str, client: Client) -> Given:
        """The request that the object holds; InvalidRequestObjectError says what is wrong."""
        claims = self._verified(token, client)
        _check(claims, client, self._issuer, utcnow())
        return _given(claims)

    def by_reference(self, uri: str, client: Client) -> Given:
        """The same from a registered address; InvalidRequestURIError where nothing is there.

        A fragment is the digest of what must lie there (OpenID Connect Core section 6.2).
        """
        address, _, expected = uri.partition("#")
        registered = client.metadata.get("request_uris") or ()
        if uri not in registered and address not in registered:
            raise InvalidRequestURIError("request_uri is not one that the client registered")
        try:
            fetched = self._fetcher.get(
                address, {"Accept": "application/oauth-authz-req+jwt"}, max_bytes=_LONGEST
            )
            token = fetched.body.decode("ascii").strip()
        except (FetchError, UnicodeDecodeError) as error:
            raise InvalidRequestURIError("request_uri gave no request object") from error
        if fetched.status != 200:
            raise InvalidRequestURIError(f"request_uri answered {fetched.status}")
        if expected and not equal(expected, base64url_digest(token)):
            raise InvalidRequestURIError("what lies at request_uri is not what its fragment says")
        return self.by_value(token, client)

    def _verified(self, token: str, client: Client) -> dict[str, Any]:
        """The claims, if one of the client's own keys made the signature."""
        header = _header(token)
        alg, kid = header.get("alg"), header.get("kid")
        if alg not in client.request_object_algorithms:
            allowed = " or ".join(client.request_object_algorithms)
            raise InvalidRequestObjectError(f"its alg must be {allowed}")
        try:
            keys = self._client_keys.signature_keys(client, str(alg), kid)
        except NoKeys as error:
            raise InvalidRequestObjectError(str(error)) from error
        for key in keys:
            try:
                claims, typ = verify(token, KeySet([key]), [str(alg)])
            except InvalidJWT:
                continue
            if typ.lower().removeprefix("application/") not in _TYPES:
                raise InvalidRequestObjectError("its typ is another kind of token's")
            return claims
        raise InvalidRequestObjectError("its signature does not verify")


def _header(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST:
        raise InvalidRequestObjectError("it is too long")
    if token.count(".") == _PARTS_OF_ENCRYPTED - 1:
        raise InvalidRequestObjectError("encrypted request objects are not supported")
    try:
        return peek(token)[0]
    except InvalidJWT as error:
        raise InvalidRequestObjectError(str(error)) from error


def _check(claims: Mapping[str, Any], client: Client, issuer: str, now: datetime) -> None:
    """Whether the object is this client's, for us, and for now (RFC 9101 sections 4, 6 and 10)."""
    if claims.get("client_id") != client.client_id:
        raise InvalidRequestObjectError("client_id must be in it, the same as beside it")
    if claims.get("iss", client.client_id) != client.client_id:
        raise InvalidRequestObjectError("iss must be the client_id")
    if claims.get("sub") == client.client_id:
        raise InvalidRequestObjectError("a client assertion is no request object")
    audience = claims.get("aud", issuer)
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise InvalidRequestObjectError("aud must be the issuer")
    if "request" in claims or "request_uri" in claims:
        raise InvalidRequestObjectError("it must not hold another request")
    if client.is_fapi and not claims.keys() >= {"iss", "aud", "exp", "nbf"}:
        raise InvalidRequestObjectError("iss, aud, exp and nbf must be in it")
    _check_times(_moment(claims, "nbf"), _moment(claims, "exp"), client, now)
    _moment(claims, "iat")


def _check_times(
    begins_at: datetime | None, ends_at: datetime | None, client: Client, now: datetime
) -> None:
    if begins_at and begins_at > now + _SKEW:
        raise InvalidRequestObjectError("nbf lies ahead")
    if ends_at and ends_at <= now - _SKEW:
        raise InvalidRequestObjectError("it has expired")
    if not client.is_fapi or begins_at is None or ends_at is None:
        return
    if begins_at < now - _FAPI_LIFE or ends_at > begins_at + _FAPI_LIFE:
        raise InvalidRequestObjectError("it may be an hour old at most, and live no longer")


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    """A NumericDate as a moment; None without one."""
    value = claims.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(name)
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise InvalidRequestObjectError(f"{name} must be a number of seconds") from error


def _given(claims: Mapping[str, Any]) -> Given:
    """The object's members as parameters (section 4): numbers and objects as they are written."""
    members = {n: v for n, v in claims.items() if n not in _ABOUT_THE_OBJECT and v is not None}
    resource = members.pop("resource", ())
    several = resource if isinstance(resource, list) else [resource] if resource else []
    texts = {name: _text(name, value) for name, value in members.items()}
    return Given(
        parameters={name: text for name, text in texts.items() if text},
        resource=tuple(_text("resource", each) for each in several),
        is_signed=True,
    )


def _text(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or "\0" in value:
        raise InvalidRequestError(f"{named(name)} is not a parameter's value")
    return value
