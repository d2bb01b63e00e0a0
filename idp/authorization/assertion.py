"""A client that proves itself by a signed JWT (``private_key_jwt``, RFC 7523, OIDC Core 9)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from joserfc.jwk import KeySet
from sqlalchemy import bindparam, insert

from idp.authorization.models import SpentAssertion
from idp.authorization.paths import TOKEN
from idp.clients.client import Client
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Statement
from idp.foundation.parts import Parts
from idp.signing.algorithms import CLIENT_ASSERTION_ALGORITHMS
from idp.signing.jwt import InvalidJWT, verify

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST = timedelta(minutes=10)
_SKEW = timedelta(seconds=60)
_LONGEST_JTI = 200

_SPEND = Statement(
    insert(SpentAssertion).values(
        client_id=bindparam("client_id"),
        jti=bindparam("jti"),
        expires_at=bindparam("expires_at"),
    )
)


def verify_assertion(parts: Parts, client: Client, assertion: str) -> None:
    """Check and spend the assertion; InvalidClientError (401) says in the log's words what failed.

    Its ``jti`` is accepted once, ever, on all nodes; it may live ten minutes at most, so that what
    must be remembered stays small.
    """
    registered = client.metadata.get("token_endpoint_auth_signing_alg")
    algorithms = [registered] if registered else list(CLIENT_ASSERTION_ALGORITHMS)
    try:
        keys = KeySet.import_key_set(client.metadata["jwks"])
        claims, _typ = verify(assertion, keys, algorithms)
    except InvalidJWT as error:
        raise _refused("its signature does not verify") from error
    expires_at = _check(claims, client, parts.settings.issuer)
    _spend(parts, client, claims.get("jti"), expires_at)


def _check(claims: dict[str, Any], client: Client, issuer: str) -> datetime:
    """The moment the assertion ends, if all it says holds (RFC 7523 section 3)."""
    now = utcnow()
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise _refused("iss and sub must be the client_id")
    if not _is_for_us(claims.get("aud"), issuer):
        raise _refused("aud must be the issuer or the token endpoint")
    for name in claims.keys() & {"nbf", "iat"}:
        begins_at = _moment(claims[name])
        if begins_at is None or begins_at > now + _SKEW:
            raise _refused(f"{name} lies ahead")
    expires_at = _moment(claims.get("exp"))
    if expires_at is None or not now - _SKEW < expires_at <= now + _LONGEST:
        raise _refused("exp must lie within the next ten minutes")
    return expires_at


def _spend(parts: Parts, client: Client, jti: object, expires_at: datetime) -> None:
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise _refused("jti is missing")
    try:
        with parts.database.transaction() as tx:
            tx.run(_SPEND, client_id=client.client_id, jti=jti, expires_at=expires_at + _SKEW)
    except Conflict as error:
        raise _refused("jti was used before") from error


def _is_for_us(audience: object, issuer: str) -> bool:
    given = audience if isinstance(audience, list) else [audience]
    return len(given) == 1 and given[0] in (issuer, issuer + TOKEN)


def _moment(value: object) -> datetime | None:
    """A NumericDate as a moment; None if it is not one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _refused(why: str) -> InvalidClientError:
    return InvalidClientError(status_code=401, description=f"client_assertion: {why}")
