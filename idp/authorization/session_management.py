"""Session Management 1.0: the frame by which a relying party's page notices a change of sign-in.

The relying party asks the frame with its client id and the ``session_state`` that came with the
code; the frame's script makes the hash again from the browser's state and says whether it changed.
"""

from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, render_template

from idp.authorization.paths import CHECK_SESSION
from idp.foundation.secrets import random_id
from idp.foundation.web.cookies import Cookies
from idp.foundation.web.site import accept_foreign_frames

_POLICY = (
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)


def session_state(client_id: str, redirect_uri: str, state: str) -> dict[str, str]:
    """The member for an authorization answer (section 3); none where no web page gets it.

    The salt makes the same sign-in look different to each answer; the frame's script
    (static/check-session.js) makes the same hash.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https"):
        return {}
    salt = random_id()
    hashed = sha256(f"{client_id} {parts.scheme}://{parts.netloc} {state} {salt}".encode())
    return {"session_state": f"{hashed.hexdigest()}.{salt}"}


class CheckSession:
    """The page ``/session/check``: nothing to see, one script, shown inside any site's page."""

    def __init__(self, cookies: Cookies) -> None:
        self._cookie = cookies.state

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(CHECK_SESSION, "check_session", self.show)
        accept_foreign_frames("check_session")

    def show(self) -> Response:
        """The page; what it tells, its script reads from the browser when asked."""
        page = render_template("authorization/check_session.html", cookie=self._cookie)
        headers = {
            "Content-Security-Policy": _POLICY,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return Response(page, headers=headers)
