"""Signing and checking JWTs: one explicit key, one explicit algorithm, a ``typ`` (RFC 8725)."""

import base64
import json
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet

from idp.signing.ring import RingKey

# RFC 9864 prefers the name Ed25519; OpenID Connect's registrations and clients still say EdDSA.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)

_json = json.JSONEncoder(separators=(",", ":")).encode


class InvalidJWT(Exception):
    """A token does not verify; the text says why, for the log and a client's developer."""


def sign(claims: dict[str, Any], key: RingKey, *, typ: str = "JWT") -> str:
    """``claims`` signed with ``key``; the header names its kid, its algorithm and the type.

    Put together here (RFC 7515 section 3.1): the header is the same for all of a key's tokens, and
    joserfc's checks of what we wrote ourselves would cost half a signature.
    """
    signed = f"{_header(key.alg, key.kid, typ)}.{_base64url(_json(claims).encode())}"
    signature = jws.JWSRegistry.algorithms[key.alg].sign(signed.encode(), key.private)
    return f"{signed}.{_base64url(signature)}"


@lru_cache(maxsize=256)
def _header(alg: str, kid: str, typ: str) -> str:
    return _base64url(_json({"alg": alg, "kid": kid, "typ": typ}).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


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


def peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and claims that a token says, nothing of it verified; InvalidJWT if unreadable.

    Good only for finding the keys that it must verify with.
    """
    try:
        compact = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(compact.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidJWT("not a signed JWT") from error
    if not isinstance(claims, dict):
        raise InvalidJWT("its claims are not an object")
    return dict(compact.headers()), claims
