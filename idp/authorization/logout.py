"""Signing out: the person's own 'Kirjaudu ulos' (M15) and RP-initiated logout 1.0.

A client that shows an ID token of this very session, and the person's own form, sign out at once;
anything else asks first. Nothing redirects but to an exactly registered address.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Flask, redirect, render_template, request
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from idp.authentication.visit import Visit, Visits
from idp.authorization.hint import Hint, read_hint
from idp.authorization.paths import LOGOUT
from idp.authorization.request import Unanswerable
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.foundation.web.site import accept_foreign_posts
from idp.signing.jwt import InvalidJWT
from idp.signing.ring import SigningKeys

_CARRIED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True, kw_only=True)
class LogoutRequest:
    """A checked request: who asks, about whom, and where the browser may go afterwards."""

    parameters: dict[str, str]
    hint: Hint | None
    client: Client | None
    redirect_uri: str | None

    @property
    def onward(self) -> str | None:
        """The registered address with the client's ``state``; None without one."""
        if self.redirect_uri is None or "state" not in self.parameters:
            return self.redirect_uri
        parts = urlsplit(self.redirect_uri)
        state = urlencode({"state": self.parameters["state"]})
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, state)))))


class Logout:
    """The page ``/logout``."""

    def __init__(self, visits: Visits, clients: Clients, signing_keys: SigningKeys) -> None:
        self._visits = visits
        self._clients = clients
        self._signing_keys = signing_keys

    def register(self, app: Flask) -> None:
        """Mount the page; relying parties may post to it."""
        app.add_url_rule(LOGOUT, "logout", self.logout, methods=["GET", "POST"])
        accept_foreign_posts(app, "logout")

    def logout(self) -> Response:
        """Sign out, or ask whether to, or say that nobody was signed in."""
        visit = self._visits.current()
        asked = self._read()
        if visit.session is None:
            return self._done(visit, asked)
        if _is_our_form() or _is_about(asked.hint, visit):
            with self._visits.parts.database.transaction() as tx:
                self._visits.sessions.end(tx, visit.session.id, by=visit.actor, why="signed_out")
            visit.set_cookie(self._visits.parts.cookies.session, "", timedelta(0))
            return self._done(visit, asked)
        page = render_template(
            "authorization/logout.html",
            client=asked.client,
            carried={k: v for k, v in asked.parameters.items() if k in _CARRIED},
            session=visit.session,
        )
        return visit.answer(page)

    def _done(self, visit: Visit, asked: LogoutRequest) -> Response:
        if asked.onward:
            return visit.answer(redirect(asked.onward, 303))
        page = render_template(
            "authorization/signed_out.html",
            was_signed_in=visit.session is not None,
            onward=visit.portal_address(self._clients),
        )
        return visit.answer(page)

    def _read(self) -> LogoutRequest:
        """Check the request; Unanswerable where client, hint and address do not fit together."""
        given = request.form if request.method == "POST" else request.args
        parameters = {name: value for name, value in given.items() if value}
        if any(len(given.getlist(name)) > 1 for name in _CARRIED):
            raise Unanswerable("repeated_parameter")
        hint = self._hint(parameters.get("id_token_hint"))
        client_id = parameters.get("client_id") or (hint.client_id if hint else None)
        if hint and client_id != hint.client_id:
            raise Unanswerable("wrong_hint")
        client = self._clients.find(client_id) if client_id else None
        redirect_uri = parameters.get("post_logout_redirect_uri")
        if redirect_uri is not None and (
            client is None or redirect_uri not in client.metadata["post_logout_redirect_uris"]
        ):
            raise Unanswerable("wrong_post_logout_redirect_uri")
        return LogoutRequest(
            parameters=parameters, hint=hint, client=client, redirect_uri=redirect_uri
        )

    def _hint(self, token: str | None) -> Hint | None:
        if token is None:
            return None
        try:
            return read_hint(token, self._signing_keys, self._visits.parts.settings.issuer)
        except InvalidJWT as error:
            raise Unanswerable("wrong_hint") from error


def _is_our_form() -> bool:
    """Whether the person pressed a button of ours: its token proves that no other site did."""
    if request.method != "POST":
        return False
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _is_about(hint: Hint | None, visit: Visit) -> bool:
    """Whether the client's ID token came from this browser's very session."""
    return bool(hint and visit.session and hint.sid == visit.session.id)
