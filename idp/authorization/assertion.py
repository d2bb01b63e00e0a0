"""A client that proves itself by a signed JWT (RFC 7523, OpenID Connect Core section 9).

``private_key_jwt`` is signed with a key of the client's, ``client_secret_jwt`` with its secret.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from joserfc.jwk import KeySet, OctKey
from sqlalchemy import bindparam, insert

from idp.authorization.models import SpentAssertion
from idp.authorization.paths import TOKEN
from idp.clients.client import Client
from idp.clients.client_keys import ClientKeys, NoKeys
from idp.clients.readable_secrets import secrets_in_force
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Statement
from idp.foundation.parts import Parts
from idp.signing.jwt import InvalidJWT, peek, verify

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TYPES = ("jwt", "client-authentication+jwt")
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


@dataclass(frozen=True, kw_only=True)
class Presented:
    """An assertion as it came; nothing of it is verified yet."""

    assertion: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def client_id(self) -> str:
        """Whose it says it is: a client need not say that twice (RFC 7521 section 4.2)."""
        return str(self.claims.get("sub", ""))

    @property
    def method(self) -> str:
        """The authentication method it would be."""
        is_mac = str(self.header.get("alg", "")).startswith("HS")
        return "client_secret_jwt" if is_mac else "private_key_jwt"


def read_assertion(assertion: str) -> Presented:
    """What the assertion says; InvalidClientError (401) where it is not a signed JWT."""
    try:
        header, claims = peek(assertion)
    except InvalidJWT as error:
        raise _refused(str(error)) from error
    return Presented(assertion=assertion, header=header, claims=claims)


class Assertions:
    """Checks and spends the clients' assertions, for every endpoint."""

    def __init__(self, parts: Parts, client_keys: ClientKeys) -> None:
        self._parts = parts
        self._client_keys = client_keys

    def accept(self, client: Client, presented: Presented, endpoint: str) -> None:
        """Check and spend the assertion; InvalidClientError (401) says what failed.

        ``endpoint`` is the address at hand. The ``jti`` is accepted once, ever, on all nodes; an
        assertion may live ten minutes at most, so that what must be remembered stays small.
        """
        claims = self._verified(client, presented)
        expires_at = _check(claims, client)
        _check_audience(claims.get("aud"), client, self._parts.settings.issuer, endpoint)
        self._spend(client, claims.get("jti"), expires_at)

    def _verified(self, client: Client, presented: Presented) -> dict[str, Any]:
        """The claims, if one of the client's own keys made the signature."""
        alg = str(presented.header.get("alg"))
        if alg not in client.assertion_algorithms:
            raise _refused(f"its alg must be {' or '.join(client.assertion_algorithms)}")
        for key in self._keys(client, alg, presented.header.get("kid")):
            try:
                claims, typ = verify(presented.assertion, key, [alg])
            except InvalidJWT:
                continue
            if typ.lower().removeprefix("application/") not in _TYPES:
                raise _refused("its typ is another kind of token's")
            return claims
        raise _refused("its signature does not verify")

    def _keys(self, client: Client, alg: str, kid: object) -> Iterator[KeySet]:
        if client.auth_method == "client_secret_jwt":
            for secret in secrets_in_force(self._parts.keyring, client, utcnow()):
                yield KeySet([OctKey.import_key(secret, {"kid": str(kid)} if kid else None)])
            return
        try:
            found = self._client_keys.signature_keys(client, alg, kid)
        except NoKeys as error:
            raise _refused(str(error)) from error
        for key in found:
            yield KeySet([key])

    def _spend(self, client: Client, jti: object, expires_at: datetime) -> None:
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
            raise _refused("jti is missing")
        if not jti.isprintable():
            raise _refused("jti is not a line of text")
        try:
            with self._parts.database.transaction() as tx:
                tx.run(_SPEND, client_id=client.client_id, jti=jti, expires_at=expires_at + _SKEW)
        except Conflict as error:
            raise _refused("jti was used before") from error


def _check(claims: dict[str, Any], client: Client) -> datetime:
    """The moment the assertion ends, if all it says holds (RFC 7523 section 3)."""
    now = utcnow()
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise _refused("iss and sub must be the client_id")
    for name in claims.keys() & {"nbf", "iat"}:
        begins_at = _moment(claims[name])
        if begins_at is None or begins_at > now + _SKEW:
            raise _refused(f"{name} lies ahead")
    expires_at = _moment(claims.get("exp"))
    if expires_at is None or not now - _SKEW < expires_at <= now + _LONGEST:
        raise _refused("exp must lie within the next ten minutes")
    return expires_at


def _check_audience(audience: object, client: Client, issuer: str, endpoint: str) -> None:
    """FAPI clients name the issuer alone, as a string (FAPI 2.0 Security Profile 5.3.2.1).

    Others may name the token endpoint or the endpoint at hand, as older rules told them to: each is
    an address under our own issuer, so that an assertion meant for another provider never passes,
    and ``jti`` counts once whatever it was meant for. A list may hold nothing but those: beside a
    stranger's name, the stranger could show the assertion to us.
    """
    if client.is_fapi:
        if audience != issuer:
            raise _refused("aud must be the issuer, as a string")
        return
    given = audience if isinstance(audience, list) else [audience]
    if not given or any(each not in (issuer, issuer + TOKEN, endpoint) for each in given):
        raise _refused("aud must be the issuer or the token endpoint")


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
