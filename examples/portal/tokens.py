"""Judge the tokens the provider signs: ID tokens at sign-in, logout tokens at sign-out."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

ALGORITHM = "RS256"
"""As registered (`id_token_signed_response_alg`); neither a header nor metadata widens it."""

LEEWAY = timedelta(seconds=60)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_AGE = timedelta(minutes=5)

FindKey = Callable[[str], Key]
"""From a `kid` to the provider's public key; raises JoseError if the provider has no such key."""


class TokenRefused(Exception):
    """A token that does not hold; the text names the check that failed and goes to the log."""


def verify_id_token(
    token: str,
    find_key: FindKey,
    *,
    issuer: str,
    client_id: str,
    nonce: str | None,
    access_token: str,
    now: datetime,
) -> dict[str, Any]:
    """The claims of a valid ID token (OIDC Core section 3.1.3.7).

    ``nonce`` is None only for a token that came from a refresh.
    """
    header, claims = _verify_signature(token, find_key)
    _check_common(claims, issuer=issuer, client_id=client_id, now=now)
    _require(
        str(header.get("typ")).lower() != "logout+jwt" and "events" not in claims,
        "this is a logout token",
    )
    _require(isinstance(claims.get("sub"), str), "sub")
    _require(nonce is None or claims.get("nonce") == nonce, "nonce")
    _require(claims.get("at_hash") in (None, half_hash(access_token)), "at_hash")
    return claims


def verify_logout_token(
    token: str, find_key: FindKey, *, issuer: str, client_id: str, now: datetime
) -> dict[str, Any]:
    """The claims of a valid logout token (Back-Channel Logout 1.0 section 2.6).

    Its ``jti`` is yours to spend once.
    """
    header, claims = _verify_signature(token, find_key)
    _require(str(header.get("typ", "")).lower() == "logout+jwt", "typ")
    _check_common(claims, issuer=issuer, client_id=client_id, now=now)
    _require(_moment(claims, "iat") > now - LOGOUT_TOKEN_AGE - LEEWAY, "iat is too old")
    events = claims.get("events")
    _require(isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict), "events")
    _require("nonce" not in claims, "a logout token has no nonce")
    _require(isinstance(claims.get("jti"), str) and claims["jti"] != "", "jti")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    _require(bool(named) and all(isinstance(value, str) for value in named), "sub or sid")
    return claims


def half_hash(access_token: str) -> str:
    """What `at_hash` must be for an access token (OIDC Core section 3.1.3.6)."""
    left = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(left).rstrip(b"=").decode()


def _verify_signature(token: str, find_key: FindKey) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        _require(isinstance(kid, str), "kid")
        verified = jwt.decode(token, find_key(str(kid)), algorithms=[ALGORITHM])
    except (JoseError, ValueError) as error:
        raise TokenRefused(f"signature: {error}") from error
    return dict(verified.header), dict(verified.claims)


def _check_common(claims: dict[str, Any], *, issuer: str, client_id: str, now: datetime) -> None:
    """What both kinds share: from this issuer, for this client alone, of this moment."""
    audience = claims.get("aud")
    _require(claims.get("iss") == issuer, "iss")
    _require(audience in (client_id, [client_id]), "aud")
    _require(claims.get("azp", client_id) == client_id, "azp")
    _require(_moment(claims, "exp") > now - LEEWAY, "exp")
    _require(_moment(claims, "iat") < now + LEEWAY, "iat is in the future")


def _moment(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(name)
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise TokenRefused(name) from error


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise TokenRefused(what)
