"""What a registration says to whoever keeps it (RFC 7591 section 3.2.1)."""

from typing import Any

from idp.clients.models import ClientRecord
from idp.clients.registrations import Registered


def information(record: ClientRecord) -> dict[str, Any]:
    """What is registered; the secret itself is not known any more."""
    standing = {"disabled_at": record.disabled_at} if record.disabled_at else {}
    return {
        "client_id": record.client_id,
        "client_id_issued_at": int(record.created_at.timestamp()),
        **record.client_metadata,
        **standing,
    }


def full_information(registered: Registered) -> dict[str, Any]:
    """The client information response, with the secret where there is a new one."""
    said = information(registered.record)
    if registered.client_secret is None:
        return said
    secret = {"client_secret": registered.client_secret, "client_secret_expires_at": 0}
    return {"client_id": registered.record.client_id, **secret, **said}
