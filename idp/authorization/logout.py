"""Signing out: the person's own 'Kirjaudu ulos' (M15) and RP-initiated logout 1.0.

A client that shows an ID token of the person signed in here, and the person's own form, sign out at
once; anything else asks first. It works twice, and without a session.

What another site posts goes on by GET: its POST came without our cookies (SameSite), so that we
would take who is signed in for nobody, and a page that was posted to could not be had in another
language.
"""

from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from idp.authentication.federation.departures import send
from idp.authentication.federation.federation import Federation
from idp.authentication.session import Session
from idp.authentication.visit import Visit, Visits
from idp.authorization.farewell import Farewell, gives_front_channel, relying_parties
from idp.authorization.logout_request import PARAMETERS, LogoutRequest, read
from idp.authorization.paths import LOGOUT, LONGEST_ADDRESS, SIGNED_OUT
from idp.authorization.request import Unanswerable
from idp.authorization.signed_out import PARAMETER
from idp.clients.registry import Clients
from idp.foundation.web.site import accept_foreign_posts
from idp.signing.ring import SigningKeys


class Logout:
    """The page ``/logout``."""

    def __init__(
        self,
        visits: Visits,
        clients: Clients,
        signing_keys: SigningKeys,
        federation: Federation,
    ) -> None:
        self._visits = visits
        self._clients = clients
        self._signing_keys = signing_keys
        self._federation = federation

    def register(self, app: Flask) -> None:
        """Mount the page; relying parties may post to it."""
        app.add_url_rule(LOGOUT, "logout", self.logout, methods=["GET", "POST"])
        accept_foreign_posts(app, "logout")

    def logout(self) -> Response:
        """Sign out, or ask whether to, or go on at once where nobody is signed in."""
        issuer, is_ours = self._visits.parts.settings.issuer, _is_our_form()
        if request.method == "POST" and not is_ours:
            return redirect(_by_get(), 303)
        asked = read(_parameters(), self._clients, self._signing_keys, issuer)
        visit = self._visits.current()
        if visit.session is None:
            return visit.answer(redirect(asked.onward or SIGNED_OUT, 303))
        if is_ours or asked.is_about(visit.session):
            return self._sign_out(visit, visit.session, asked)
        page = render_template(
            "authorization/logout.html",
            client=asked.client,
            carried=asked.parameters,
            session=visit.session,
        )
        return visit.answer(page)

    def _sign_out(self, visit: Visit, session: Session, asked: LogoutRequest) -> Response:
        """End the session; onward at once unless the page has something to do or to tell first."""
        parts = self._visits.parts
        farewell = Farewell(
            session_id=session.id,
            client_id=asked.hint.client_id if asked.hint else None,
            onward=asked.onward,
        )
        with parts.database.transaction() as tx:
            self._visits.sessions.end(tx, session.id, by=visit.actor, why="signed_out")
            parties = relying_parties(tx, self._clients, farewell, parts.settings.issuer)
        visit.end()
        if asked.onward and not gives_front_channel(parties):
            return self._go(visit, session, asked.onward)
        sealed = farewell.seal(parts.keyring, visit.browser.name)
        return self._go(visit, session, f"{SIGNED_OUT}?{urlencode({PARAMETER: sealed})}")

    def _go(self, visit: Visit, session: Session, onward: str) -> Response:
        """Onward, by way of the organization's own sign-out where that can be asked (M15)."""
        name = visit.browser.name
        if way := self._federation.leave(session.id, browser=name, onward=onward):
            connection, departure = way
            return send(visit, connection, departure)
        return visit.answer(redirect(onward, 303))


def _parameters() -> dict[str, str]:
    """The standard's parameters, from the query of a GET or the form of a POST, each once."""
    given = request.form if request.method == "POST" else request.args
    if any(len(given.getlist(name)) > 1 for name in PARAMETERS):
        raise Unanswerable("repeated_parameter")
    return {name: given[name] for name in PARAMETERS if given.get(name)}


def _by_get() -> str:
    """The address of the same request by GET; Unanswerable where it is too long for one."""
    given = [(name, value) for name in PARAMETERS for value in request.form.getlist(name)]
    address = f"{LOGOUT}?{urlencode(given)}"
    if len(address) > LONGEST_ADDRESS:
        raise Unanswerable("unreadable_request")
    return address


def _is_our_form() -> bool:
    """Whether the person pressed a button of ours: its token proves that no other site did."""
    if request.method != "POST":
        return False
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True
