"""Client metadata (RFC 7591 section 2): every field either honoured or refused by its name."""

from idp.clients.metadata.algorithms import (
    AuthMethod,
    ContentEncryption,
    KeyEncryption,
    SignedObjectAlgorithm,
    SigningAlgorithm,
)
from idp.clients.metadata.fields import ClientMetadata
from idp.clients.metadata.scopes import SCOPES, is_clients_own
from idp.clients.metadata.validation import DEFAULTS, validate

__all__ = [
    "DEFAULTS",
    "SCOPES",
    "AuthMethod",
    "ClientMetadata",
    "ContentEncryption",
    "KeyEncryption",
    "SignedObjectAlgorithm",
    "SigningAlgorithm",
    "is_clients_own",
    "validate",
]
