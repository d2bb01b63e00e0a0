"""Proof of possession (RFC 9449): a proof is one request's, ours to have asked for, and used once.

Nonces are a moment and its tag: any node makes them and any node checks them, nothing is kept.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import OAuth2Error
from sqlalchemy import bindparam, insert

from idp.authorization.models import SpentProof
from idp.authorization.proof_key import InvalidProof, open_proof
from idp.foundation.clock import utcnow
from idp.foundation.database import Conflict, Statement
from idp.foundation.parts import Parts
from idp.foundation.secrets import base64url_digest, digest, equal
from idp.foundation.web.protocol import Request

NONCE_HEADER = "DPoP-Nonce"
_NONCE = "DPoP nonce"
_LONGEST_PROOF = 8192
_LONGEST_JTI = 200
_PAST, _AHEAD = timedelta(minutes=5), timedelta(seconds=30)
"""How far a proof's ``iat`` may lie from our clock; a nonce of ours lives as long."""
_UNRESERVED = re.compile(r"%(2d|2e|5f|7e|3[0-9]|[46][1-9a-f]|[57][0-9a])", re.IGNORECASE)

_SPEND = Statement(
    insert(SpentProof).values(digest=bindparam("digest"), expires_at=bindparam("expires_at"))
)


class InvalidDPoPProof(OAuth2Error):
    """The proof is missing where it must be there, or does not hold (section 5)."""

    error = "invalid_dpop_proof"


class UseDPoPNonce(OAuth2Error):
    """The proof must carry the nonce that comes with this answer (section 8)."""

    error = "use_dpop_nonce"
    description = "the proof must carry the nonce of the DPoP-Nonce header"


class Proofs:
    """Checks proofs and gives nonces; the same on every node."""

    def __init__(self, parts: Parts) -> None:
        self._keyring = parts.keyring
        self._database = parts.database

    def prove(self, request: Request, *, access_token: str | None = None) -> str | None:
        """The thumbprint of the key the request proves to hold; None without a proof.

        ``access_token`` is the one presented beside it, at a resource (section 7). Spends the
        proof; raises InvalidDPoPProof or UseDPoPNonce.
        """
        proof = request.headers.get("dpop")
        if proof is None:
            return None
        if len(proof) > _LONGEST_PROOF:
            raise InvalidDPoPProof("the proof is too long")
        try:
            key, claims = open_proof(proof)
        except InvalidProof as error:
            raise InvalidDPoPProof(str(error)) from error
        _check(claims, request, access_token)
        self._check_nonce(claims.get("nonce"))
        thumbprint = key.thumbprint()
        self._spend(thumbprint, claims)
        return thumbprint

    def nonce(self) -> str:
        """A nonce that counts for the next five minutes."""
        moment = str(int(utcnow().timestamp()))
        return f"{moment}.{self._keyring.authenticate(_NONCE, moment)}"

    def _check_nonce(self, nonce: object) -> None:
        moment, _, tag = nonce.partition(".") if isinstance(nonce, str) else ("", "", "")
        if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
            raise UseDPoPNonce
        ours = self._keyring.authenticate_all(_NONCE, moment)
        if not any(equal(tag, expected) for expected in ours) or not _is_fresh(int(moment)):
            raise UseDPoPNonce

    def _spend(self, thumbprint: str, claims: dict[str, Any]) -> None:
        """Accept the proof once; it is remembered until its ``iat`` alone refuses it."""
        used = digest(f"{thumbprint}\0{claims['jti']}")
        expires_at = datetime.fromtimestamp(claims["iat"], UTC) + _PAST
        try:
            with self._database.transaction() as tx:
                tx.run(_SPEND, digest=used, expires_at=expires_at)
        except Conflict as error:
            raise InvalidDPoPProof("the proof was used before") from error


def _check(claims: dict[str, Any], request: Request, access_token: str | None) -> None:
    """Whether the proof is this request's, made now (section 4.3)."""
    jti, iat = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise InvalidDPoPProof("jti is missing or too long")
    if isinstance(iat, bool) or not isinstance(iat, (int, float)) or not _is_fresh(iat):
        raise InvalidDPoPProof("iat must be now")
    if claims.get("htm") != request.method:
        raise InvalidDPoPProof("htm is not this request's method")
    if not is_same_target(claims.get("htu"), request.url):
        raise InvalidDPoPProof("htu is not this request's address")
    if access_token is not None and claims.get("ath") != base64url_digest(access_token):
        raise InvalidDPoPProof("ath is not the access token's digest")


def _is_fresh(moment: float) -> bool:
    now = utcnow().timestamp()
    return now - _PAST.total_seconds() < moment < now + _AHEAD.total_seconds()


def is_same_target(htu: object, url: str) -> bool:
    """Whether two addresses are one after normalization, query and fragment apart (section 4.3)."""
    return isinstance(htu, str) and _normalized(htu) == _normalized(url)


def _normalized(address: str) -> tuple[str, str, int | None, str] | None:
    """Scheme, host, port and path as RFC 3986 sections 6.2.2 and 6.2.3 compare them."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    if "@" in parts.netloc or not parts.hostname:
        return None
    path = _UNRESERVED.sub(lambda found: chr(int(found[1], 16)), parts.path or "/")
    return parts.scheme, parts.hostname, port, path
