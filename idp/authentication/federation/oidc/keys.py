"""An upstream's public keys, and the one of them that a token names."""

from datetime import timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from idp.authentication.federation.caller import Caller, json_object
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.oidc.metadata import Metadata
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.shelf import Shelf
from idp.foundation.fetch.deadline import Deadline

FRESH_FOR = timedelta(hours=1)
_MOST_KEYS = 100
_SHORTEST_RSA = 2048
_TYPES: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_TYPE_OF = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "ES384": "EC", "EdDSA": "OKP"}

Jwk = dict[str, Any]


class KeyShelf:
    """The key sets of every connection's upstream."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._shelf: Shelf[tuple[Jwk, ...]] = Shelf(FRESH_FOR)

    def find(
        self,
        connection: Connection,
        metadata: Metadata,
        deadline: Deadline,
        *,
        kid: str | None,
        alg: str,
    ) -> KeySet:
        """The key that a token of ``alg`` names by ``kid``, alone in its set.

        A key that we do not know is looked for again at most once a minute: keys rotate, and
        anybody can invent a kid.
        """
        keys = self._shelf.get(
            f"{connection.id} {connection.version} {metadata.jwks_uri}",
            lambda: self.fetch(connection, metadata, deadline),
            lambda found: bool(fitting(found, kid, alg)),
        )
        return choose(keys, kid, alg)

    def fetch(
        self, connection: Connection, metadata: Metadata, deadline: Deadline
    ) -> tuple[Jwk, ...]:
        """The key set as it is now."""
        return read(json_object(self._caller.get(connection, metadata.jwks_uri, deadline)))


def read(document: Jwk) -> tuple[Jwk, ...]:
    """The members of a JWK set that may be public signature keys (RFC 7517 section 5)."""
    keys = document.get("keys")
    if not isinstance(keys, list):
        raise FederationRefused(Reason.UPSTREAM_GARBLED, field="jwks_uri", expected="keys")
    return tuple(key for key in keys[:_MOST_KEYS] if isinstance(key, dict))


def fitting(keys: tuple[Jwk, ...], kid: str | None, alg: str) -> list[Jwk]:
    """The keys that may have signed a token of ``alg``, all of them where it names no ``kid``."""
    return [
        key
        for key in keys
        if key.get("kty") == _TYPE_OF[alg]
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) == alg
        and (kid is None or key.get("kid") == kid)
        and not _is_short(key)
    ]


def _is_short(key: Jwk) -> bool:
    """Whether an RSA key is shorter than 2048 bits (RFC 7518 section 3.3)."""
    return key.get("kty") == "RSA" and len(str(key.get("n", ""))) * 6 < _SHORTEST_RSA


def choose(keys: tuple[Jwk, ...], kid: str | None, alg: str) -> KeySet:
    """The one key; where several could be meant a token has to name its own (OIDC Core 10.1)."""
    found = fitting(keys, kid, alg)
    if len(found) != 1:
        raise FederationRefused(
            Reason.KEY_UNKNOWN,
            expected=" ".join(str(key.get("kid")) for key in keys)[:300],
            received=str(kid)[:100],
        )
    try:
        key = _TYPES[_TYPE_OF[alg]].import_key(dict(found[0]))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise FederationRefused(
            Reason.KEY_UNKNOWN, field="jwks_uri", received=str(kid)[:100]
        ) from error
    return KeySet([key])
