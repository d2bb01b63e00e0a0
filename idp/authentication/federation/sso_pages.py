"""The SSO link and the ways back from upstream: ``/sso/<organization>`` and below (M9, M10).

With a session upstream none of these shows a page: each is a redirect. What cannot go on is a page
with a reason, a reference and a way forward; after a failure nothing starts anew by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from idp.authentication.federation import attempts, provisioning
from idp.authentication.federation.attempts import SIGN_IN, SILENT
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.departures import Departures
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.journey import Journeys
from idp.authentication.federation.provisioning import LeaveNeeded
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.visit import Visit, Visits
from idp.foundation.web.site import accept_foreign_posts, accept_large_posts

Handler = Callable[[Visit, Connection, Any, "ExternalIdentity | FederationRefused"], Response]
"""What follows the answer to an attempt of some purpose other than a sign-in."""

Receive = Callable[[], ExternalIdentity]
"""Reads the answer at hand; FederationRefused."""

LARGEST_ANSWER = 512 * 1024
"""Bytes of a posted answer."""
_RESTARTED = frozenset((Reason.ATTEMPT_UNKNOWN, Reason.ATTEMPT_USED, Reason.ATTEMPT_EXPIRED))
"""A stale answer: the way starts anew by itself, as often as the loop breaker lets it."""


class SsoPages:
    """The paths under ``/sso``."""

    def __init__(
        self,
        visits: Visits,
        connections: Connections,
        journeys: Journeys,
        departures: Departures,
    ) -> None:
        self._visits = visits
        self._connections = connections
        self._journeys = journeys
        self._departures = departures
        self._handlers: dict[str, Handler] = {}

    def on(self, purpose: str, handler: Handler) -> None:
        """Let ``handler`` answer for attempts of this purpose, whatever came of them."""
        self._handlers[purpose] = handler

    def register(self, app: Flask) -> None:
        """Mount the paths; upstreams post to one of them."""
        path = "/sso/<slug>/<name>"
        app.add_url_rule("/sso/<slug>", "sso", self.start)
        app.add_url_rule(path, "sso_named", self.start)
        app.add_url_rule(f"{path}/callback", "sso_callback", self.callback)
        app.add_url_rule(f"{path}/acs", "sso_acs", self.posted, methods=["POST"])
        app.add_url_rule(f"{path}/continue", "sso_continue", self.go_on)
        accept_foreign_posts(app, "sso_acs")
        accept_large_posts("sso_acs", LARGEST_ANSWER)

    def start(self, slug: str, name: str | None = None) -> Response:
        """The SSO link; without a page of ours where nothing stands in the way."""
        visit = self._visits.current()
        connection = self._used(visit, slug) if name is None else None
        connection = connection or self._connections.find(slug, name)
        interaction = visit.interaction()
        place = visit.session.place(connection.organization_id) if visit.session else None
        is_open = visit.session is not None and place is not None and visit.session.opens(place)
        if is_open and interaction is None and not _WISHES.intersection(request.args):
            return self._departures.onward(visit, connection, None)
        return self._departures.depart(
            visit,
            connection,
            sealed=visit.sealed if interaction else None,
            is_pressed="again" in request.args,
            fresh="fresh" in request.args or (interaction is not None and interaction.asks_anew),
            choose_account="choose" in request.args,
            purpose=SILENT if interaction and "silent" in request.args else SIGN_IN,
            login_hint=_hint(interaction.parameters if interaction else {}),
        )

    def callback(self, slug: str, name: str) -> Response:
        """An answer by redirect: the browser brings our cookies with it."""
        visit, connection = self._visits.current(), self._connections.find(slug, name)
        answer = request.args.to_dict()
        row = self._journeys.find(answer.get("state", ""))
        is_repeated = any(len(request.args.getlist(key)) > 1 for key in answer)

        def receive() -> ExternalIdentity:
            if is_repeated:
                raise FederationRefused(Reason.ANSWER_INCOMPLETE, field="repeated")
            return self._journeys.receive(connection, answer, row)

        return self.answered(visit, connection, row, receive)

    def answered(
        self, visit: Visit, connection: Connection, row: Any, receive: Receive
    ) -> Response:
        """Take the attempt's one answer, in the browser that set out; ``receive`` reads it."""
        browser = None if visit.browser.is_new else visit.browser.name
        try:
            self._journeys.take(row, connection, browser)
        except FederationRefused as refusal:
            return self._stale(visit, connection, row, refusal)
        try:
            identity = receive()
        except FederationRefused as refusal:
            return self._refuse(visit, connection, row, refusal)
        return self._arrive(visit, connection, row, identity)

    def posted(self, slug: str, name: str) -> Response:
        """An answer by a cross-site form: checked whole, then it waits for the browser's GET.

        A refusal waits likewise: without our cookies neither the loop breaker nor what another tab
        is at could be told from none.
        """
        connection = self._connections.find(slug, name)
        answer = request.form.to_dict()
        row = self._journeys.find(answer.get("RelayState", ""))
        try:
            if row is not None:
                attempts.require_open(row, connection.id)
            identity = self._journeys.receive(connection, answer, row)
            if row is None:
                handle = self._journeys.park_unasked(identity)
            else:
                handle = self._journeys.park(row, identity)
        except FederationRefused as refusal:
            told = {"refused": self._journeys.seal_refusal(row, refusal)}
        else:
            told = {"handle": handle}
        return redirect(f"{connection.path}/continue?{urlencode(told)}", 303)

    def go_on(self, slug: str, name: str) -> Response:
        """The GET that binds a posted answer to the browser that set out, or tells it why not."""
        visit, connection = self._visits.current(), self._connections.find(slug, name)
        if "refused" in request.args:
            row, refusal = self._journeys.refusal(request.args["refused"])
            return self._stale(visit, connection, row, refusal)
        handle = request.args.get("handle", "")
        row = self._journeys.parked(handle)
        try:
            if row is None or row.connection_id != connection.id:
                raise FederationRefused(Reason.ATTEMPT_UNKNOWN)
            browser = None if visit.browser.is_new else visit.browser.name
            attempts.require_browser(row, browser)
            identity = self._journeys.collect(row, handle, within=attempts.HANDLE_LIFETIME)
        except FederationRefused as refusal:
            return self._stale(visit, connection, row, refusal)
        return self._arrive(visit, connection, row, identity)

    def _arrive(
        self, visit: Visit, connection: Connection, row: Any, identity: ExternalIdentity
    ) -> Response:
        if handler := self._handlers.get(row.purpose):
            return handler(visit, connection, row, identity)
        try:
            provisioning.require_standing(connection)
            provisioning.require_pilot(connection, identity)
            secret, arrived = self._journeys.arrive(
                connection,
                identity,
                present=visit.session,
                by=visit.actor_for(None),
                user_agent=visit.user_agent,
            )
        except LeaveNeeded as refusal:
            if refusal.may_prove and row.purpose != SILENT:
                self._journeys.note_refusal(connection, refusal, identity, by=visit.actor_for(None))
                handle = self._journeys.hold(row, identity)
                return visit.go(f"{connection.path}/link?{urlencode({'handle': handle})}")
            return self._refuse(visit, connection, row, refusal, identity)
        except FederationRefused as refusal:
            return self._refuse(visit, connection, row, refusal, identity)
        return self._departures.arrived(visit, connection, row, secret, arrived)

    def _refuse(
        self,
        visit: Visit,
        connection: Connection,
        row: Any,
        refusal: FederationRefused,
        identity: ExternalIdentity | None = None,
    ) -> Response:
        if row is not None and (handler := self._handlers.get(row.purpose)):
            return handler(visit, connection, row, refusal)
        return self._departures.refuse(visit, connection, row, refusal, identity)

    def _stale(
        self, visit: Visit, connection: Connection, row: Any, refusal: FederationRefused
    ) -> Response:
        """Back, a reload, a second tab, a bookmark: onward where the person is in, else anew."""
        if refusal.reason not in _RESTARTED:
            return self._refuse(visit, connection, row, refusal)
        return self._departures.resume(visit, connection, row, refusal)

    def _used(self, visit: Visit, slug: str) -> Connection | None:
        """The connection of several by which this session came: who proves it anew, comes again."""
        proofs = visit.session.authentications if visit.session else ()
        used = {proof.connection for proof in proofs}
        connections = self._connections.of(slug) if any(used) else ()
        return next((each for each in connections if each.is_enabled and each.id in used), None)


_WISHES = frozenset(("again", "fresh", "choose", "silent"))
"""What a link of ours may ask of the way upstream."""


def _hint(parameters: Mapping[str, str]) -> str | None:
    return parameters.get("login_hint", "")[:254] or None
