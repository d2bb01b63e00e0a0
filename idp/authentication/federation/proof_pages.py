"""Linking an account that is there already: the person signs in to it in the same browser.

The upstream identity waits sealed, bound to the browser that brought it; the sign-in page is the
ordinary one. Only a press of the button links (design idea 4, case c).
"""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, render_template, request
from werkzeug.wrappers import Response

from idp.authentication.federation import attempts, provisioning
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.departures import Departures
from idp.authentication.federation.journey import Journeys
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Session
from idp.authentication.visit import Visit, Visits
from idp.foundation.clock import utcnow


class ProofPages:
    """``/sso/<organization>/<name>/link``."""

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

    def register(self, app: Flask) -> None:
        """Mount the page."""
        path = "/sso/<slug>/<name>/link"
        app.add_url_rule(path, "sso_link", self.link, methods=["GET", "POST"])

    def link(self, slug: str, name: str) -> Response:
        """What to prove and how; once it is proved, the button that links."""
        visit = self._visits.current()
        connection = self._connections.find(slug, name)
        handle = request.args.get("handle", "")
        row = self._journeys.parked(handle)
        try:
            self._require(visit, connection, row)
        except FederationRefused as refusal:
            return self._departures.resume(visit, connection, row, refusal)
        proved = _proved(visit.session, row)
        if request.method == "POST" and proved:
            return self._finish(visit, connection, row, handle, proved)
        return self._page(visit, connection, handle, proved)

    def _require(self, visit: Visit, connection: Connection, row: Any) -> None:
        if row is None or row.connection_id != connection.id or row.finished_at is not None:
            raise FederationRefused(Reason.ATTEMPT_UNKNOWN)
        attempts.require_browser(row, None if visit.browser.is_new else visit.browser.name)
        provisioning.require_standing(connection)

    def _finish(
        self, visit: Visit, connection: Connection, row: Any, handle: str, proved: Session
    ) -> Response:
        """Link, if the account signed in to is the one that the identity matches."""
        identity = None
        try:
            identity = self._journeys.collect(row, handle, within=attempts.LIFETIME)
            secret, arrived = self._journeys.arrive(
                connection,
                identity,
                present=proved,
                by=visit.actor,
                user_agent=visit.user_agent,
                proved=proved.person_id,
            )
        except provisioning.LeaveNeeded:
            refusal = FederationRefused(Reason.LINK_NOT_PROVED, field="username")
            return self._departures.refuse(visit, connection, row, refusal, identity)
        except FederationRefused as refusal:
            return self._departures.refuse(visit, connection, row, refusal, identity)
        return self._departures.arrived(visit, connection, row, secret, arrived)

    def _page(
        self, visit: Visit, connection: Connection, handle: str, proved: Session | None
    ) -> Response:
        here = f"{connection.path}/link?{urlencode({'handle': handle})}"
        page = render_template(
            "authentication/sso_link.html",
            organization=connection.organization_name,
            username=proved.username if proved else None,
            action=here,
            sign_in=f"/login?{urlencode({PARAMETER: self._sealed(visit, here)})}",
        )
        return visit.answer(page)

    def _sealed(self, visit: Visit, page: str) -> str:
        """A sign-in that leads back here, whoever is signed in at the moment."""
        interaction = Interaction(parameters={}, begun_at=utcnow(), page=page)
        return interaction.seal(self._visits.parts.keyring, visit.browser.name)


def _proved(session: Session | None, row: Any) -> Session | None:
    """The session that an account's own sign-in opened since the arrival; None without one."""
    if session is None:
        return None
    own = (proof for proof in session.authentications if proof.organization is None)
    return session if any(proof.auth_time >= row.begun_at for proof in own) else None
