"""The public key that a DPoP proof carries in its own header (RFC 9449 section 4.2).

The one place where a header's ``jwk`` is read: a proof shows the key, what is bound to it decides
what the key is worth.
"""

import base64
import json
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

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
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))


class InvalidProofKey(Exception):
    """The proof shows no key that could have signed it; the text says why."""


def proof_key(proof: str) -> tuple[Key, str]:
    """The key and the algorithm that the proof's header names; InvalidProofKey."""
    header = _header(proof)
    alg, jwk = header.get("alg"), header.get("jwk")
    if not isinstance(alg, str) or alg not in _KEYS:
        raise InvalidProofKey(f"alg must be one of {' '.join(PROOF_ALGORITHMS)}")
    if not isinstance(jwk, dict):
        raise InvalidProofKey("jwk is missing")
    if _PRIVATE & jwk.keys():
        raise InvalidProofKey("jwk must be a public key alone")
    return _imported(jwk, alg), alg


def _imported(jwk: dict[str, Any], alg: str) -> Key:
    kind, curve = _KEYS[alg]
    if jwk.get("kty") != kind.key_type or jwk.get("crv") != curve:
        raise InvalidProofKey(f"jwk is not a key for {alg}")
    try:
        # Only what makes the key: its kid, its use and the rest are the client's own business.
        key = kind.import_key(
            {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
        )
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise InvalidProofKey("jwk is not a key") from error
    if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA:
        raise InvalidProofKey(f"an RSA key must have {_SMALLEST_RSA} bits")
    return key


def _header(proof: str) -> dict[str, Any]:
    encoded = proof.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError) as error:
        raise InvalidProofKey("the proof is not a JWT") from error
    if not isinstance(header, dict):
        raise InvalidProofKey("the proof is not a JWT")
    return header
