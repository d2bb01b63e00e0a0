"""Pairwise subjects: each sector of clients knows a person by another ``sub`` (OIDC Core 8.1).

The person's id is encrypted with AES-SIV (RFC 5297), the sector being authenticated with it: the
same person is always the same to one sector, and nothing can be joined across two. Clients' words
(hints) are compared with what we would say, so nobody has to lead a subject back; unlike a hash,
this could. The key is the deployment's own for ever (another one would make everybody a stranger),
so it does not come from the key-encryption keys, which rotate, but lies in the database sealed
under them.
"""

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from idp.clients.metadata.addresses import host_of
from idp.clients.models import PairwiseKey
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing

_SEAL = "pairwise key"
_ONLY = 1
_FIND = Statement(select(PairwiseKey.sealed).where(PairwiseKey.id == _ONLY))


@dataclass(frozen=True, kw_only=True)
class Pairwise:
    """How one sector sees people."""

    sector: str
    key: bytes = field(repr=False)

    def subject(self, person_id: str) -> str:
        """What this sector knows the person by: always the same, at most 255 characters."""
        sealed = AESSIV(self.key).encrypt(person_id.encode(), [self.sector.encode()])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def sector_of(metadata: Mapping[str, Any]) -> str:
    """The sector identifier: the host of sector_identifier_uri, or the one of redirect_uris."""
    address = metadata.get("sector_identifier_uri") or metadata["redirect_uris"][0]
    return host_of(str(address))


def ensure_key(tx: Transaction, keyring: KeyRing) -> None:
    """Make the deployment's key if there is none; where another node just did, its key stands."""
    if tx.first(_FIND) is None:
        sealed = keyring.seal(_SEAL, AESSIV.generate_key(256))
        with suppress(IntegrityError), tx.session.begin_nested():
            tx.session.add(PairwiseKey(id=_ONLY, sealed=sealed, created_at=utcnow()))


def read_key(tx: Transaction, keyring: KeyRing) -> bytes:
    """The deployment's key, made when the first pairwise client was registered."""
    return keyring.unseal(_SEAL, tx.first(_FIND).sealed)


def rewrap_key(tx: Transaction, keyring: KeyRing) -> int:
    """Seal the key under the newest key-encryption key; how many were not yet."""
    row = tx.session.get(PairwiseKey, _ONLY)
    if row is None or keyring.is_current(row.sealed):
        return 0
    row.sealed = keyring.seal(_SEAL, keyring.unseal(_SEAL, row.sealed))
    return 1
