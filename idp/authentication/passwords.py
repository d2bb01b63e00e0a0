"""Passwords hashed with Argon2id, a few at once: a flood of sign-ins waits here, not everywhere.

However many may queue, a quarter of a worker's threads neither hash nor wait for it: those go on
answering whoever needs no hash.
"""

import base64
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError

from idp.config import Passwords as PasswordSettings
from idp.errors import Invalid, Unavailable
from idp.foundation.secrets import digest, random_token
from idp.foundation.turns import given_up

MAX_LENGTH = 1024
"""Longest password, in code points; more is refused before anything is computed."""
_SALT_BYTES = 16
_HASH_BYTES = 32

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of comparing a password with a hash."""

    matches: bool
    needs_rehash: bool
    """Whether it matched a hash cheaper than today's setting: hash it anew and keep that."""


class Passwords:
    """Hashes and verifies, a few at once; raises Unavailable at once when too many wait."""

    def __init__(self, settings: PasswordSettings, *, threads: int) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time,
            memory_cost=settings.argon2_memory,
            parallelism=1,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        self._nobodys = _unmatchable(settings)
        wanted, spared = settings.concurrency + settings.queue, max(1, threads // 4)
        self._places = threading.BoundedSemaphore(min(wanted, threads - spared))
        # The allocator keeps a hash's memory for each thread that ever made one.
        self._hashing = ThreadPoolExecutor(settings.concurrency, thread_name_prefix="hash")

    def hash(self, password: str) -> str:
        """The hash to keep; raises Invalid for what no hash can be made of, Unavailable."""
        text = normalize(password)
        return self._run(lambda: self._hasher.hash(text))

    def verify(self, kept: str | None, password: str) -> Verdict:
        """Compare with the hash kept; None (nobody's) costs the same and never matches.

        Raises Invalid for what nobody can have as a password, Unavailable.
        """
        text = normalize(password)
        return self._run(lambda: self._verify(kept or self._nobodys, text))

    def _verify(self, kept: str, text: str) -> Verdict:
        try:
            self._hasher.verify(kept, text)
        except VerifyMismatchError:
            return Verdict(matches=False, needs_rehash=False)
        except VerificationError as error:
            extract_parameters(kept)  # A damaged hash is another matter than no memory left.
            raise _busy() from error
        return Verdict(matches=True, needs_rehash=self._hasher.check_needs_rehash(kept))

    def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            with given_up():
                return self._hashing.submit(work).result()
        except HashingError as error:
            raise _busy() from error
        finally:
            self._places.release()


def _busy() -> Unavailable:
    return Unavailable("busy", retry_after=timedelta(seconds=2))


def normalize(password: str) -> str:
    """The password as it is compared, whatever keyboard typed it: NFKC (SP 800-63B-4 3.1.1.2).

    Raises Invalid where it is too long, or not text that can be encoded.
    """
    # The first look keeps a huge text from being normalized, the second catches what grew.
    text = unicodedata.normalize("NFKC", password) if len(password) <= MAX_LENGTH else password
    if len(text) > MAX_LENGTH:
        raise Invalid({"password": "password_too_long"}, maximum=MAX_LENGTH)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid({"password": "password_unreadable"}) from error
    return text


def _unmatchable(settings: PasswordSettings) -> str:
    """What looks and costs like a hash but has no password: its bytes are random, not computed."""
    salt, tag = (
        base64.b64encode(digest(random_token())[:size]).decode().rstrip("=")
        for size in (_SALT_BYTES, _HASH_BYTES)
    )
    cost = f"m={settings.argon2_memory},t={settings.argon2_time},p=1"
    return f"$argon2id$v=19${cost}${salt}${tag}"
