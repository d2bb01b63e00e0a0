"""Access tokens issued and read: opaque for our own endpoints, JWTs for resource servers.

A token is a JWT (RFC 9068) where a resource was asked for or its client is registered with
``access_token_format: jwt``. Both forms are read here, so that every endpoint takes both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from joserfc.jwk import KeySet

from idp.authorization.tokens import (
    OPAQUE,
    AccessToken,
    new_jti,
    seal_access_token,
    unseal_access_token,
)
from idp.clients.client import Client
from idp.foundation.clock import utcnow
from idp.foundation.parts import Parts
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.jwt import InvalidJWT, sign, verify
from idp.signing.ring import Ring, SigningKeys

TYPE = "at+jwt"
_LONGEST = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new access token as its client gets it."""

    value: str = field(repr=False)
    expires_in: int


class AccessTokens:
    """The access tokens of one deployment."""

    def __init__(self, parts: Parts, signing_keys: SigningKeys) -> None:
        self._issuer = parts.settings.issuer
        self._keyring = parts.keyring
        self._signing_keys = signing_keys
        self._verifying: tuple[Ring | None, KeySet | None] = (None, None)

    def issue(
        self,
        client: Client,
        *,
        scope: str,
        lifetime: timedelta,
        resource: Sequence[str] = (),
        jkt: str | None = None,
        grant: Any = None,
    ) -> Issued:
        """A new token; ``grant`` is the standing grant's row, None where no person gave one."""
        now, seconds = int(utcnow().timestamp()), int(lifetime.total_seconds())
        token = AccessToken(
            jti=new_jti(grant.grant_id if grant else None),
            client_id=client.client_id,
            scope=scope,
            iat=now,
            exp=now + seconds,
            audience=tuple(resource),
            jkt=jkt,
        )
        if resource or client.metadata.get("access_token_format") == "jwt":
            value = self._signed(client, token, grant)
        else:
            value = seal_access_token(self._keyring, token)
        return Issued(value=value, expires_in=seconds)

    def read(self, value: str) -> AccessToken | None:
        """What a token in either form says; None if it is not ours or has ended."""
        if value.startswith(OPAQUE):
            token = unseal_access_token(self._keyring, value)
        else:
            token = self._verified(value)
        return token if token and token.exp > utcnow().timestamp() else None

    def is_for_us(self, token: AccessToken) -> bool:
        """Whether our own endpoints are among those it is for (RFC 9068 section 4)."""
        return not token.audience or self._issuer in token.audience

    def _signed(self, client: Client, token: AccessToken, grant: Any) -> str:
        """The token as a JWT, by the algorithm that the client's ID tokens have (section 2.2)."""
        audience = token.audience or (self._issuer,)
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": client.subject(grant.person_id) if grant else client.client_id,
            "aud": audience[0] if len(audience) == 1 else list(audience),
            "client_id": client.client_id,
            "iat": token.iat,
            "exp": token.exp,
            "jti": token.jti,
        }
        if token.scope:
            claims["scope"] = token.scope
        if token.jkt:
            claims["cnf"] = {"jkt": token.jkt}
        if grant:
            claims |= _about_sign_in(grant)
        return sign(claims, self._signing_keys.active(client.id_token_alg), typ=TYPE)

    def is_another_jwt(self, value: str) -> bool:
        """Whether we signed it as something else, say as an ID token."""
        _claims, typ = self._opened(value)
        return typ not in (None, TYPE)

    def _opened(self, value: str) -> tuple[dict[str, Any], str | None]:
        """The claims and the ``typ`` of a JWT that we signed; no type where we did not."""
        if value.startswith(OPAQUE) or len(value) > _LONGEST or value.count(".") != 2:
            return {}, None
        try:
            claims, typ = verify(value, self._keys(), SIGNING_ALGORITHMS)
        except InvalidJWT:
            return {}, None
        return claims, typ

    def _verified(self, value: str) -> AccessToken | None:
        """What one of our JWTs says; None unless it is an access token and was signed by us."""
        claims, typ = self._opened(value)
        if typ != TYPE or claims.get("iss") != self._issuer:
            return None
        audience = claims["aud"]
        return AccessToken(
            jti=claims["jti"],
            client_id=claims["client_id"],
            scope=claims.get("scope", ""),
            iat=claims["iat"],
            exp=claims["exp"],
            audience=(audience,) if isinstance(audience, str) else tuple(audience),
            jkt=claims.get("cnf", {}).get("jkt"),
        )

    def _keys(self) -> KeySet:
        """Our published keys, made ready once for each state of the ring."""
        ring = self._signing_keys.ring()
        known, keys = self._verifying
        if known is not ring or keys is None:
            keys = KeySet.import_key_set(self._signing_keys.jwks())  # type: ignore[arg-type]
            self._verifying = (ring, keys)
        return keys


def _about_sign_in(grant: Any) -> dict[str, Any]:
    """When and how the person signed in, and for which organization (section 2.2.1)."""
    claims: dict[str, Any] = {
        "auth_time": int(grant.auth_time.timestamp()),
        "amr": grant.amr.split(),
        "sid": grant.session_id,
        "org_id": grant.organization_id,
    }
    if grant.acr:
        claims["acr"] = grant.acr
    return claims
