"""A client's public keys (RFC 7517): read with care, and chosen by what they are for."""

from base64 import urlsafe_b64decode
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

MOST_KEYS = 20
_PUBLIC: dict[object, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_RSA_BITS = range(2048, 8193)
"""Shorter ones are weak (RFC 7518 section 3.3), longer ones cost a request seconds."""
_CURVES = {
    "ES256": ("P-256",),
    "ES384": ("P-384",),
    "EdDSA": ("Ed25519",),
    "ECDH-ES": ("P-256", "P-384", "P-521", "X25519"),
    "ECDH-ES+A256KW": ("P-256", "P-384", "P-521", "X25519"),
}
_RSA = ("RS256", "PS256", "RSA-OAEP-256")

PublicKey = RSAKey | ECKey | OKPKey


class BadKeySet(Exception):
    """A document that is not a set of public keys; the text is fit for the client's developer."""


def read_key_set(document: object) -> KeySet:
    """The set's public keys; those of kinds we do not know are passed over (section 5).

    BadKeySet where it is malformed, holds a private or symmetric key, or nothing of use.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise BadKeySet("is not a JWK set")
    if len(listed) > MOST_KEYS:
        raise BadKeySet(f"holds more than {MOST_KEYS} keys")
    keys = [_read(jwk) for jwk in listed]
    known: list[Any] = [key for key in keys if key is not None]
    if not known:
        raise BadKeySet("holds no key of a kind that we know")
    return KeySet(known)


def signature_keys(keys: KeySet, alg: str | None, kid: object = None) -> list[PublicKey]:
    """The keys that may have made a signature: those named ``kid``, or all that fit without one."""
    return [key for key in _fitting(keys, alg, "sig") if kid is None or key.kid == kid]


def encryption_key(keys: KeySet, alg: str) -> PublicKey | None:
    """The key to encrypt to: the first that fits and is marked for it, else the first that fits."""
    fitting = _fitting(keys, alg, "enc")
    return next((key for key in fitting if key.get("use") == "enc"), next(iter(fitting), None))


def _read(jwk: object) -> PublicKey | None:
    if not isinstance(jwk, dict):
        raise BadKeySet("holds something that is not a JWK")
    if jwk.get("kty") == "oct" or "d" in jwk:
        raise BadKeySet("must hold public keys only")
    name = jwk.get("kty")
    if not isinstance(name, str) or name not in _PUBLIC:
        return None
    if name == "RSA" and _bits(jwk.get("n")) not in _RSA_BITS:
        raise BadKeySet("holds an RSA key that is not of 2048 to 8192 bits")
    try:
        key: PublicKey = _PUBLIC[name].import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadKeySet(f"holds a damaged {name} key") from error
    return key


def _bits(modulus: object) -> int:
    """How long an RSA modulus is; 0 for what is none."""
    try:
        raw = urlsafe_b64decode(modulus + "==") if isinstance(modulus, str) else b""
    except ValueError:
        return 0
    return int.from_bytes(raw, "big").bit_length()


def _fitting(keys: KeySet, alg: str | None, use: str) -> list[PublicKey]:
    return [
        key
        for key in keys.keys
        if isinstance(key, PublicKey)
        and key.get("use") in (None, use)
        and (alg is None or (key.alg in (None, alg) and _fits(key, alg)))
    ]


def _fits(key: PublicKey, alg: str) -> bool:
    if isinstance(key, RSAKey):
        return alg in _RSA
    return key.get("crv") in _CURVES.get(alg, ())
