"""Federation put together: every protocol, the way out and back, and the pages that are the way."""

from contextlib import suppress
from typing import Any

from flask import Flask

from idp.authentication.federation import upstream_sessions
from idp.authentication.federation.backchannel import BackchannelReceiver
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.departures import Departures
from idp.authentication.federation.identity import Departure, Upstream
from idp.authentication.federation.journey import Journeys
from idp.authentication.federation.kerberos.pages import KerberosPages
from idp.authentication.federation.kerberos.upstream import KerberosUpstream
from idp.authentication.federation.oidc.pages import OidcPages
from idp.authentication.federation.oidc.sign_out import OidcSignOut
from idp.authentication.federation.oidc.upstream import OidcUpstream
from idp.authentication.federation.proof_pages import ProofPages
from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.federation.saml.pages import SamlPages
from idp.authentication.federation.saml.partner import Partners
from idp.authentication.federation.saml.refresh import MetadataRefresh
from idp.authentication.federation.saml.single_logout import SingleLogout
from idp.authentication.federation.saml.upstream import SamlUpstream
from idp.authentication.federation.sso_pages import SsoPages
from idp.authentication.sessions import Sessions
from idp.authentication.visit import Visits
from idp.clients.registry import Clients
from idp.foundation.fetch import Fetcher
from idp.foundation.parts import Parts


class Federation:
    """Federation in one deployment; a protocol joins by its entry in ``upstreams``."""

    def __init__(
        self,
        parts: Parts,
        sessions: Sessions,
        clients: Clients,
        connections: Connections,
        fetcher: Fetcher,
    ) -> None:
        self._parts = parts
        self._sessions = sessions
        self.connections = connections
        self.oidc = OidcUpstream(fetcher)
        settings = parts.settings
        self.partners = Partners(settings.issuer, settings.outbound.allow_private_addresses)
        self.single_logout = SingleLogout(parts, sessions, self.partners)
        self.metadata_refresh = MetadataRefresh(parts.database, connections, self.partners, fetcher)
        self.kerberos = KerberosUpstream(settings.issuer)
        self.upstreams: dict[str, Upstream] = {
            "oidc": self.oidc,
            "saml": SamlUpstream(self.partners),
            "kerberos": self.kerberos,
        }
        self.sign_out = OidcSignOut(parts, self.oidc.metadata)
        self._endings: dict[str, OidcSignOut | SingleLogout] = {
            "oidc": self.sign_out,
            "saml": self.single_logout,
        }
        self.journeys = Journeys(parts, sessions, self.upstreams)
        self.departures = Departures(parts, clients, self.journeys)

    def leave(
        self, session_id: str, *, browser: str, onward: str
    ) -> tuple[Connection, Departure] | None:
        """Where to send the browser of an ended session to end the upstream's as well; or None.

        ``onward`` is where it goes from there; a browser that does not come back lacks no more.
        """
        with self._parts.database.reading() as tx:
            owed = [
                self.connections.by_id(tx, row.connection_id)
                for row in upstream_sessions.of_session(tx, session_id)
                if row.ended_at is None
            ]
        for connection in owed:
            ending = self._endings.get(connection.kind)
            if ending and connection.is_enabled and connection.document.get("sign_out", True):
                with suppress(FederationRefused):
                    departure = ending.depart(
                        connection, session_id, browser=browser, onward=onward
                    )
                    if departure:
                        return connection, departure
        return None

    def check(self, connection: Connection) -> dict[str, Any]:
        """All that can be asked without a person; FederationRefused for what does not hold."""
        if connection.kind == "saml":
            connection = self.metadata_refresh.asked(connection)
        departure = self.journeys.rehearse(connection)
        said: dict[str, Any] = {"sends_people_to": departure.location.partition("?")[0]}
        if connection.kind == "saml":
            return {**said, **self.partners.facts(connection)}
        return {**said, **(self.oidc.check(connection) if connection.kind == "oidc" else {})}

    def register(self, app: Flask, visits: Visits) -> SsoPages:
        """Mount the pages; what is returned takes handlers for other purposes than a sign-in."""
        backchannel = BackchannelReceiver(self._parts, self._sessions, self.oidc)
        pages = SsoPages(visits, self.connections, self.journeys, self.departures)
        pages.register(app)
        OidcPages(visits, self.connections, backchannel, self.sign_out).register(app)
        SamlPages(
            visits, self.connections, self.departures, self.partners, self.single_logout
        ).register(app)
        KerberosPages(visits, self.connections, self.journeys, self.kerberos, pages).register(app)
        ProofPages(visits, self.connections, self.journeys, self.departures).register(app)
        return pages
