"""The public keys of clients: as registered, or fetched from where the client publishes them.

What was fetched is kept for a while, looked at anew when a token names a key that is not there
(a client rotates as it likes), at most once a minute, and goes on serving for a day while the
client's own server is down.
"""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import KeySet

from idp.clients.client import Client
from idp.clients.key_sets import (
    BadKeySet,
    PublicKey,
    encryption_key,
    read_key_set,
    signature_keys,
)
from idp.foundation.clock import utcnow
from idp.foundation.fetch import Fetcher, FetchError
from idp.foundation.turns import waiting

FRESH = timedelta(minutes=10)
"""How long fetched keys serve without being looked at again."""
STALE = timedelta(days=1)
"""How long they serve while the client's server does not answer."""
PAUSE = timedelta(minutes=1)
"""Between two looks at one client's server."""
_LARGEST = 64 * 1024
_MOST = 2000


class NoKeys(Exception):
    """A client's keys are not to be had; the text says why, for the client's developer."""


@dataclass(kw_only=True)
class _Kept:
    """What one address last gave, and when it was last asked."""

    lock: threading.Lock
    keys: KeySet | None = None
    fetched_at: datetime | None = None
    asked_at: datetime | None = None
    problem: str = "were not fetched yet"


class ClientKeys:
    """The clients' keys of one process; bounded, and safe for all of its threads."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._registered: OrderedDict[str, tuple[object, KeySet]] = OrderedDict()
        self._guard = threading.Lock()

    def of(self, client: Client, kid: object = None) -> KeySet:
        """The client's keys, looked at anew where they lack ``kid``; NoKeys says why not.

        May fetch: never call it inside a transaction.
        """
        if (address := client.metadata.get("jwks_uri")) is not None:
            return self._fetched(str(address), kid)
        if (jwks := client.metadata.get("jwks")) is not None:
            return self._own(client.client_id, jwks)
        raise NoKeys("no keys are registered")

    def signature_keys(self, client: Client, alg: str, kid: object = None) -> list[PublicKey]:
        """The keys that may have made a signature of the client's; NoKeys where there is none."""
        found = signature_keys(self.of(client, kid), alg, kid)
        if not found:
            raise NoKeys(f"there is no {alg} key" + (" with the token's kid" if kid else ""))
        return found

    def encryption_key(self, client: Client, alg: str) -> PublicKey:
        """The key to encrypt an answer to the client with; NoKeys where there is none."""
        found = encryption_key(self.of(client), alg)
        if found is None:
            raise NoKeys(f"there is no key for {alg}")
        return found

    def _own(self, client_id: str, jwks: object) -> KeySet:
        """Registered keys, read once for each registration: checking an RSA key takes a while."""
        kept = self._registered.get(client_id)
        if kept is None or kept[0] != jwks:
            try:
                kept = (jwks, read_key_set(jwks))
            except BadKeySet as error:
                raise NoKeys(f"jwks {error}") from error
            with self._guard:
                self._registered[client_id] = kept
                _bound(self._registered)
        return kept[1]

    def _fetched(self, address: str, kid: object) -> KeySet:
        with self._guard:
            kept = self._kept.setdefault(address, _Kept(lock=threading.Lock()))
            self._kept.move_to_end(address)
            _bound(self._kept)
        # Whom the kept keys cannot help waits for the look; everybody else is served meanwhile.
        wait = waiting(kept.lock.acquire)
        if _is_due(kept, kid, utcnow()) and wait(blocking=_lacks(kept, kid)):
            try:
                if _is_due(kept, kid, utcnow()):  # Somebody may have asked while we waited.
                    self._ask(address, kept)
            finally:
                kept.lock.release()
        if kept.keys is None or kept.fetched_at is None or utcnow() > kept.fetched_at + STALE:
            raise NoKeys(f"jwks_uri {kept.problem}")
        return kept.keys

    def _ask(self, address: str, kept: _Kept) -> None:
        try:
            kept.keys, kept.fetched_at = self._read(address), utcnow()
        except (FetchError, BadKeySet) as error:
            kept.problem = str(error)
        kept.asked_at = utcnow()

    def _read(self, address: str) -> KeySet:
        answer = self._fetcher.get(
            address,
            {"Accept": "application/jwk-set+json, application/json"},
            max_bytes=_LARGEST,
        )
        if answer.status != 200:
            raise BadKeySet(f"answered {answer.status}")
        try:
            return read_key_set(json.loads(answer.body))
        except (ValueError, RecursionError) as error:
            raise BadKeySet("is not JSON") from error


def _is_due(kept: _Kept, kid: object, now: datetime) -> bool:
    """Whether the client's server is to be asked: nothing fresh is kept, or not that key."""
    if kept.asked_at is not None and now < kept.asked_at + PAUSE:
        return False
    return kept.fetched_at is None or now > kept.fetched_at + FRESH or _lacks(kept, kid)


def _lacks(kept: _Kept, kid: object) -> bool:
    if kept.keys is None:
        return True
    return kid is not None and all(key.kid != kid for key in kept.keys.keys)


def _bound(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > _MOST:
        kept.popitem(last=False)
