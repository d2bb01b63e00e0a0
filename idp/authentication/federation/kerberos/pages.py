"""Where a browser is asked for its ticket: ``/sso/<organization>/<name>/negotiate`` (RFC 4559).

The only path of ours that says ``WWW-Authenticate: Negotiate``. A browser that can answers by
itself and shows nothing; the page that comes with the question is for people whose browser cannot.
"""

from urllib.parse import urlencode

from flask import Flask, render_template, request
from werkzeug.wrappers import Response

from idp.authentication.federation import attempts
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.journey import Journeys
from idp.authentication.federation.kerberos.upstream import KerberosUpstream
from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.federation.sso_pages import SsoPages
from idp.authentication.visit import Visit, Visits

_SCHEME = "Negotiate"
_STUCK = "stuck"
"""The parameter by which a person says that the browser did not get in by itself."""


class KerberosPages:
    """The path of Kerberos connections beside those of every kind."""

    def __init__(
        self,
        visits: Visits,
        connections: Connections,
        journeys: Journeys,
        kerberos: KerberosUpstream,
        sso: SsoPages,
    ) -> None:
        self._visits = visits
        self._connections = connections
        self._journeys = journeys
        self._kerberos = kerberos
        self._sso = sso

    def register(self, app: Flask) -> None:
        """Mount the path."""
        app.add_url_rule("/sso/<slug>/<name>/negotiate", "kerberos", self.negotiate)

    def negotiate(self, slug: str, name: str) -> Response:
        """The question; or, with the browser's answer to it, the arrival."""
        visit, connection = self._visits.current(), self._connections.find(slug, name, "kerberos")
        row = self._journeys.find(request.args.get("state", ""))
        given = _offered(request.headers.get("Authorization", ""))
        if given is None and _STUCK not in request.args and _is_open(row, visit, connection):
            return self._ask(visit, connection, row.id)
        replies: list[str] = []

        def receive() -> ExternalIdentity:
            heard = self._kerberos.hear(connection, given)
            replies.append(heard.reply)
            return heard.identity

        answer = self._sso.answered(visit, connection, row, receive)
        for reply in replies:
            answer.headers["WWW-Authenticate"] = f"{_SCHEME} {reply}"
        return answer

    def _ask(self, visit: Visit, connection: Connection, state: str) -> Response:
        query = urlencode({"state": state, _STUCK: "1"})
        page = render_template(
            "authentication/kerberos.html",
            organization=connection.organization_name,
            again=f"{connection.path}/negotiate?{urlencode({'state': state})}",
            stuck=f"{connection.path}/negotiate?{query}",
        )
        answer = visit.answer(page, 401)
        answer.headers["WWW-Authenticate"] = _SCHEME
        return answer


def _is_open(row: object, visit: Visit, connection: Connection) -> bool:
    """Whether this browser's attempt still waits for its answer."""
    try:
        attempts.require_open(row, connection.id)
        attempts.require_browser(row, None if visit.browser.is_new else visit.browser.name)
    except FederationRefused:
        return False
    return True


def _offered(header: str) -> str | None:
    scheme, _, given = header.partition(" ")
    return given.strip() if scheme.lower() == _SCHEME.lower() and given.strip() else None
