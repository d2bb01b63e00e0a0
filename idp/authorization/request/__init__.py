"""The authorization request: read from wherever it came, checked by a table, kept as a value.

Knows clients and nothing of who is at the browser; `Requests` is the one way in.
"""

from idp.authorization.request.checks import PROMPTS
from idp.authorization.request.given import Given
from idp.authorization.request.reading import Requests
from idp.authorization.request.response_modes import RESPONSE_MODES
from idp.authorization.request.value import (
    AuthorizationRequest,
    Declined,
    ReturnAddress,
    Unanswerable,
)

__all__ = [
    "PROMPTS",
    "RESPONSE_MODES",
    "AuthorizationRequest",
    "Declined",
    "Given",
    "Requests",
    "ReturnAddress",
    "Unanswerable",
]
