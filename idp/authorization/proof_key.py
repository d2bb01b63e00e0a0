"""A DPoP proof opened with the public key that it carries in its own header (RFC 9449 4.2).

The one place where a header's ``jwk`` is read: a proof shows the key, what is bound to it decides
what the key is worth.
"""

import base64
import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

TYPE = "dpop+jwt"
PROOF_ALGORITHMS = ("ES256", "EdDSA", "PS256", "RS256", "ES384")
"""What a proof may be signed with: asymmetric, never ``none`` (section 4.3)."""
_KEYS: dict[str, tuple[type[RSAKey] | type[ECKey] | type[OKPKey], str | None]] = {
    "ES256": (ECKey, "P-256"),
    "ES384": (ECKey, "P-384"),
    "EdDSA": (OKPKey, "Ed25519"),
    "RS256": (RSAKey, None),
    "PS256": (RSAKey, None),
}
_SMALLEST_RSA = 2048
_LONGEST_HEADER = 2048
"""Bytes; an RSA key of 4096 bits takes 800."""
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))


class InvalidProof(Exception):
    """What came is no proof signed with the key that it shows; the text says why."""


def open_proof(proof: str) -> tuple[Key, dict[str, Any]]:
    """The key and the claims of a proof whose signature holds; InvalidProof."""
    header = _header(proof)
    if str(header.get("typ")).lower() != TYPE:
        raise InvalidProof(f"typ must be {TYPE}")
    key, alg = _key(header)
    registry = JWSRegistry(algorithms=[alg])
    registry.max_header_length = _LONGEST_HEADER
    try:
        opened = jws.deserialize_compact(proof, key, registry=registry)
        claims = json.loads(opened.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidProof("the proof does not verify") from error
    if not isinstance(claims, dict):
        raise InvalidProof("the proof is not a JWT")
    return key, claims


def _key(header: dict[str, Any]) -> tuple[Key, str]:
    """The key and the algorithm that the header names."""
    alg, jwk = header.get("alg"), header.get("jwk")
    if not isinstance(alg, str) or alg not in _KEYS:
        raise InvalidProof(f"alg must be one of {' '.join(PROOF_ALGORITHMS)}")
    if not isinstance(jwk, dict):
        raise InvalidProof("jwk is missing")
    if _PRIVATE & jwk.keys():
        raise InvalidProof("jwk must be a public key alone")
    return _imported(jwk, alg), alg


def _imported(jwk: dict[str, Any], alg: str) -> Key:
    kind, curve = _KEYS[alg]
    if jwk.get("kty") != kind.key_type or jwk.get("crv") != curve:
        raise InvalidProof(f"jwk is not a key for {alg}")
    try:
        # Only what makes the key: its kid, its use and the rest are the client's own business.
        key = kind.import_key(
            {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
        )
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise InvalidProof("jwk is not a key") from error
    if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA:
        raise InvalidProof(f"an RSA key must have {_SMALLEST_RSA} bits")
    return key


def _header(proof: str) -> dict[str, Any]:
    encoded = proof.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError) as error:
        raise InvalidProof("the proof is not a JWT") from error
    if not isinstance(header, dict):
        raise InvalidProof("the proof is not a JWT")
    return header
