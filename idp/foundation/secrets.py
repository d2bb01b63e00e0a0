"""Randomness and digests: what is only compared is kept as a digest."""

import base64
import hashlib
import hmac
import secrets

_REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters without 0/O and 1/I: references are read aloud on the telephone."""


def random_token() -> str:
    """A secret of 256 bits in 43 characters that are safe in a URL."""
    return secrets.token_urlsafe(32)


def random_id() -> str:
    """A public identifier of 128 bits in 22 characters, safe in a URL and on a command line."""
    drawn = secrets.token_urlsafe(16)
    return random_id() if drawn.startswith("-") else drawn  # A dash would begin an option.


def random_reference() -> str:
    """What a person reads to support, as ``K7F2-QX9M`` (40 bits)."""
    drawn = secrets.randbits(40)
    letters = "".join(_REFERENCE_ALPHABET[drawn >> shift & 31] for shift in range(0, 40, 5))
    return f"{letters[:4]}-{letters[4:]}"


def digest(secret: str) -> bytes:
    """SHA-256 of a secret that is itself random: all that is kept of it."""
    return hashlib.sha256(secret.encode()).digest()


def base64url_digest(value: str) -> str:
    """SHA-256 of a text in 43 characters that are safe in a URL (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()).rstrip(b"=").decode()


def equal(one: str | bytes, other: str | bytes) -> bool:
    """Compare in constant time."""
    left = one.encode() if isinstance(one, str) else one
    right = other.encode() if isinstance(other, str) else other
    return hmac.compare_digest(left, right)
