"""Secrets that must be read again: those of ``client_secret_jwt``, whose MAC is made with them.

All other clients' secrets are kept as digests; these are sealed, each to its client.
"""

from collections.abc import Iterator
from datetime import datetime

from idp.clients.client import Client
from idp.clients.models import ClientRecord
from idp.foundation.sealed import KeyRing

_SEAL = "client secret"


def seal_secret(keyring: KeyRing, client_id: str, secret: str) -> str:
    """The secret as it is kept."""
    return keyring.seal(_SEAL, secret.encode(), client_id)


def secrets_in_force(keyring: KeyRing, client: Client, now: datetime) -> Iterator[bytes]:
    """The current secret, then the one before it within its overlap."""
    if client.sealed_secret:
        yield keyring.unseal(_SEAL, client.sealed_secret, client.client_id)
    until = client.previous_secret_until
    if client.previous_sealed_secret and until and now < until:
        yield keyring.unseal(_SEAL, client.previous_sealed_secret, client.client_id)


def rewrap_secrets(row: ClientRecord, keyring: KeyRing) -> int:
    """Seal the row's secrets under the newest key-encryption key; how many were not yet."""
    count = 0
    for name in ("sealed_secret", "previous_sealed_secret"):
        sealed = getattr(row, name)
        if sealed and not keyring.is_current(sealed):
            secret = keyring.unseal(_SEAL, sealed, row.client_id)
            setattr(row, name, keyring.seal(_SEAL, secret, row.client_id))
            count += 1
    return count
