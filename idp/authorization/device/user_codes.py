"""Codes that people read off one screen and type on another (RFC 8628 section 6.1)."""

from unicodedata import category

from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import random_reference

_PURPOSE = "device user code"
_LENGTH = 8
_SEPARATORS = ("Pd", "Zs")
"""Dashes and spaces of every kind."""


def new_user_code() -> str:
    """A code like ``K7F2-QX9M``: 40 bits in letters and digits that nobody mistakes."""
    return random_reference()


def normalized(typed: str) -> str | None:
    """The code as it was shown, whatever case, spaces and dashes were typed; None if it is none."""
    bare = "".join(letter for letter in typed.upper() if category(letter) not in _SEPARATORS)
    if len(bare) != _LENGTH or not bare.isascii() or not bare.isalnum():
        return None
    return f"{bare[:4]}-{bare[4:]}"


def tag(keyring: KeyRing, code: str) -> str:
    """What is kept of a code: without our key so short a code could be guessed from its digest."""
    return keyring.authenticate(_PURPOSE, code)


def tags(keyring: KeyRing, code: str) -> list[str]:
    """Every tag the code may be kept under, one for each key we hold."""
    return keyring.authenticate_all(_PURPOSE, code)
