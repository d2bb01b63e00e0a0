"""Checking what an upstream's ID token says (OpenID Connect Core section 3.1.3.7), claim by claim.

Pure functions of values: signature and key are `tokens`' business.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.secrets import equal

SKEW = timedelta(seconds=120)
"""How far another clock may be off, in either direction."""
_HASHES = {"ES384": "sha384", "EdDSA": "sha512"}
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a token has to say; ``nonce`` None: a token that carries none (logout)."""

    issuer: str
    client_id: str
    now: datetime
    nonce: str | None = field(default=None, repr=False)
    signed_in_after: datetime | None = None
    """Since when the person must have proved who they are; None: whenever."""


def check(
    claims: Mapping[str, Any], expected: Expected, *, alg: str, access_token: str | None
) -> None:
    """Go on where every claim holds; FederationRefused names the first that does not."""
    check_party(claims, expected)
    check_times(claims, expected.now)
    _check_nonce(claims, expected)
    _check_access_token(claims, alg, access_token)
    _check_sign_in(claims, expected)
    _check_subject(claims)


def check_party(claims: Mapping[str, Any], expected: Expected) -> None:
    """Who says it, and to whom: us alone."""
    issuer, audience, party = (claims.get(name) for name in ("iss", "aud", "azp"))
    if issuer != expected.issuer:
        _refuse(Reason.ISSUER_MISMATCH, "iss", expected.issuer, issuer)
    if audience not in (expected.client_id, [expected.client_id]):
        _refuse(Reason.AUDIENCE_MISMATCH, "aud", expected.client_id, audience)
    if party is not None and party != expected.client_id:
        _refuse(Reason.AUDIENCE_MISMATCH, "azp", expected.client_id, party)


def check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Not over, and not from the future."""
    expires = _moment(claims, "exp")
    if expires + SKEW <= now:
        _refuse(Reason.EXPIRED, "exp", f"> {_shown(now)}", _shown(expires))
    begins = [_moment(claims, "iat")] + ([_moment(claims, "nbf")] if "nbf" in claims else [])
    if max(begins) > now + SKEW:
        _refuse(Reason.NOT_YET_VALID, "iat", f"<= {_shown(now)}", _shown(max(begins)))


def auth_time(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When the person signed in upstream, never later than now; now where it does not say."""
    return min(_moment(claims, "auth_time"), now) if "auth_time" in claims else now


def _check_nonce(claims: Mapping[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if expected.nonce is not None and not (isinstance(nonce, str) and equal(nonce, expected.nonce)):
        _refuse(Reason.NONCE_MISMATCH, "nonce", "", "" if nonce is None else "…")


def _check_access_token(claims: Mapping[str, Any], alg: str, access_token: str | None) -> None:
    """The hash of the access token, where the token says one (section 3.1.3.8)."""
    said = claims.get("at_hash")
    if said is None or access_token is None:
        return
    digest = hashlib.new(_HASHES.get(alg, "sha256"), access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if said != half:
        _refuse(Reason.TOKEN_HASH_MISMATCH, "at_hash", "", "")


def _check_sign_in(claims: Mapping[str, Any], expected: Expected) -> None:
    if expected.signed_in_after is None:
        return
    if "auth_time" not in claims:
        _refuse(Reason.SIGN_IN_TOO_OLD, "auth_time", _shown(expected.signed_in_after), None)
    if (signed_in := _moment(claims, "auth_time")) + SKEW < expected.signed_in_after:
        _refuse(
            Reason.SIGN_IN_TOO_OLD,
            "auth_time",
            f">= {_shown(expected.signed_in_after)}",
            _shown(signed_in),
        )


def _check_subject(claims: Mapping[str, Any]) -> None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        _refuse(Reason.SUBJECT_MISSING, "sub", "", type(subject).__name__)


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    try:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise FederationRefused(
            Reason.TOKEN_MALFORMED, field=name, expected="1795728000", received=str(value)[:100]
        ) from error


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _refuse(reason: Reason, name: str, expected: str, received: object) -> NoReturn:
    raise FederationRefused(reason, field=name, expected=expected, received=str(received)[:300])
