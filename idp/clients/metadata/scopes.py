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

SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,100}")
"""One scope token (RFC 6749 section 3.3), of a sane length."""
