"""Signing and checking JWTs: one explicit key, one explicit algorithm, a ``typ`` (RFC 8725)."""

import warnings
from collections.abc import Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet

from idp.signing.ring import RingKey

# RFC 9864 prefers the name Ed25519; OpenID Connect's registrations and clients still say EdDSA.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)


class InvalidJWT(Exception):
    """A token does not verify; the text says why, for the log and a client's developer."""


def sign(claims: dict[str, Any], key: RingKey, *, typ: str = "JWT") -> str:
    """``claims`` signed with ``key``; the header names its kid, its algorithm and the type."""
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    return jwt.encode(header, claims, key.private, algorithms=[key.alg])


def verify(token: str, keys: KeySet, algorithms: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The claims and the ``typ`` of a token that one of ``keys`` signed with one of ``algorithms``.

    Looks at the signature only: times, issuer and audience are the caller's. Header keys (``jwk``,
    ``jku``, ``x5c``) are never read. Raises InvalidJWT.
    """
    try:
        opened = jwt.decode(token, keys, algorithms=list(algorithms))
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidJWT(str(error) or type(error).__name__) from error
    return opened.claims, str(opened.header.get("typ", "JWT"))
