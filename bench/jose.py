"""Signing as the generator does it: a compact JWS by the bare primitive, for it must be quick."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_P256_BYTES = 32


def signed(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
) -> str:
    """A JWS of ``claims`` by ES256 or RS256, whichever the key is for (RFC 7515 section 7.1)."""
    alg = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    parts = [
        base64url(json.dumps(part, separators=(",", ":")).encode())
        for part in ({**header, "alg": alg}, claims)
    ]
    text = ".".join(parts)
    return f"{text}.{base64url(_signature(key, text.encode()))}"


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half of a P-256 key (RFC 7518 section 6.2)."""
    numbers = key.public_key().public_numbers()
    x, y = (base64url(each.to_bytes(_P256_BYTES)) for each in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def base64url(value: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(part: str) -> dict[str, Any]:
    """The JSON object that a part of a JWS is."""
    value: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=="))
    return value


def _signature(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, text: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(text, ec.ECDSA(SHA256())))
    return r.to_bytes(_P256_BYTES) + s.to_bytes(_P256_BYTES)
