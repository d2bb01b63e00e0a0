"""Key-encryption keys, and what is sealed under them.

A key is a file ``NAME.key`` of 32 random bytes in base64, 0600, in the keys folder; the one whose
name sorts last seals, all of them open. Sealed values are AES-256-GCM, bound to a purpose and to a
context (say a browser or a row), so that a value moved elsewhere does not open.
"""

import base64
import hmac
import json
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.errors import ConfigurationError, IdpError
from idp.foundation.clock import utcnow

_NONCE = 12
_NAME = 8


class Unopenable(IdpError):
    """A sealed value is not ours, was altered, or belongs to another purpose or context."""

    code = "unopenable"
    status = 400


class KeyRing:
    """The key-encryption keys of one deployment, newest last; never shown in a repr."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self.current = max(keys)
        self._derived: dict[tuple[str, str], bytes] = {}
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    @classmethod
    def load(cls, directory: Path) -> "KeyRing":
        """Read the keys; ConfigurationError names the file that is missing, open or damaged."""
        keys: dict[str, bytes] = {}
        problems: dict[str, str] = {}
        for path in sorted(directory.glob("*.key")):
            try:
                keys[path.stem] = _read(path)
            except (OSError, ValueError) as error:
                problems[f"keys.directory ({path})"] = str(error)
        if not keys and not problems:
            problems["keys.directory"] = f"no key in {directory}; 'idp init' makes the first one"
        if problems:
            raise ConfigurationError(problems)
        return cls(keys)

    @classmethod
    def create(cls, directory: Path) -> Path:
        """Write one more key and return its file; it seals from the next start on."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"{utcnow():%Y%m%dT%H%M%S}.key"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(32)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return path

    def derive(self, purpose: str, key: str | None = None) -> bytes:
        """A key of 32 bytes for one purpose, from the key named (None: the current one)."""
        name = key or self.current
        if (name, purpose) not in self._derived:
            kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
            self._derived[name, purpose] = kdf.derive(self._keys[name])
        return self._derived[name, purpose]

    def derive_all(self, purpose: str) -> list[bytes]:
        """The purpose's key from every key we hold, the current one first."""
        return [self.derive(purpose, name) for name in sorted(self._keys, reverse=True)]

    def authenticate(self, purpose: str, message: str) -> str:
        """A tag only we can make for ``message``, in 43 characters that are safe in a URL."""
        return _tag(self.derive(purpose), message)

    def authenticate_all(self, purpose: str, message: str) -> list[str]:
        """The tags that count for ``message``: one for each key we hold, the current one first."""
        return [_tag(key, message) for key in self.derive_all(purpose)]

    def seal(self, purpose: str, value: bytes, context: str = "") -> str:
        """Encrypt ``value``; opens only with the same purpose and context."""
        nonce = os.urandom(_NONCE)
        sealed = self._cipher(purpose, self.current).encrypt(nonce, value, context.encode())
        return _encode(_label(self.current) + nonce + sealed)

    def unseal(self, purpose: str, text: str, context: str = "") -> bytes:
        """Undo `seal`; raises Unopenable."""
        try:
            raw = _decode(text)
            name = next(name for name in self._keys if _label(name) == raw[:_NAME])
            nonce, sealed = raw[_NAME : _NAME + _NONCE], raw[_NAME + _NONCE :]
            return self._cipher(purpose, name).decrypt(nonce, sealed, context.encode())
        except (ValueError, StopIteration, InvalidTag) as error:
            raise Unopenable from error

    def seal_json(self, purpose: str, value: dict[str, Any], context: str = "") -> str:
        """`seal` for a small dictionary."""
        return self.seal(purpose, json.dumps(value, separators=(",", ":")).encode(), context)

    def unseal_json(self, purpose: str, text: str, context: str = "") -> dict[str, Any]:
        """Undo `seal_json`; raises Unopenable."""
        value: dict[str, Any] = json.loads(self.unseal(purpose, text, context))
        return value

    def is_current(self, text: str) -> bool:
        """Whether the newest key sealed ``text``; otherwise it wants rewrapping."""
        return _decode(text)[:_NAME] == _label(self.current)

    def _cipher(self, purpose: str, name: str) -> AESGCM:
        if (name, purpose) not in self._ciphers:
            self._ciphers[name, purpose] = AESGCM(self.derive(purpose, name))
        return self._ciphers[name, purpose]


def _tag(key: bytes, message: str) -> str:
    return _encode(hmac.digest(key, message.encode(), sha256))


def _label(name: str) -> bytes:
    return sha256(name.encode()).digest()[:_NAME]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError("others may read it; chmod 600 mends that")
    try:
        key = base64.b64decode(path.read_bytes())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("is damaged: it must hold 32 bytes in base64; restore it from its backup")
    return key
