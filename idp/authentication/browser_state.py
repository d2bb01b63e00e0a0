"""The browser's sign-in state as a word that changes with it (Session Management 1.0 section 3.2).

Derived from the session's secret by a one-way function: whoever reads the word, and every script of
ours may, learns nothing that opens a session.
"""

import base64
from hashlib import sha256

SIGNED_OUT = "out"
"""The word where nobody is signed in: never empty, so that a script which finds no word at all
knows that the browser keeps cookies from it."""


def browser_state(session_secret: str | None) -> str:
    """The word for the session that this secret opens."""
    if not session_secret:
        return SIGNED_OUT
    hashed = sha256(f"browser state {session_secret}".encode()).digest()
    return base64.urlsafe_b64encode(hashed[:18]).decode()
