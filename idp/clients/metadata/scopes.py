"""The scopes a client may be registered for."""

import re

SCOPES = (
    "openid",
    "profile",
    "email",
    "organizations",
    "profile:write",
    "offline_access",
)
"""Every scope of ours; ``organization:<slug>`` besides."""

DYNAMIC_SCOPES = tuple(scope for scope in SCOPES if scope != "profile:write")
"""What a client that registered itself may ask people for."""

_CLIENTS_OWN = ("scim", "ssf.manage")


def is_clients_own(scope: str) -> bool:
    """Whether it is a right at our own interfaces for machines, which no person hands on.

    Only the client itself can have it, by client_credentials; nobody's sign-in brings it along.
    """
    return scope in _CLIENTS_OWN or scope.startswith("admin.")


SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,100}")
"""One scope token (RFC 6749 section 3.3), of a sane length."""
