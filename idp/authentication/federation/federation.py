"""Federation put together: every protocol, the way out and back, and the pages that are the way."""

from flask import Flask

from idp.authentication.federation.backchannel import BackchannelReceiver
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.departures import Departures
from idp.authentication.federation.identity import Upstream
from idp.authentication.federation.journey import Journeys
from idp.authentication.federation.oidc.upstream import OidcUpstream
from idp.authentication.federation.proof_pages import ProofPages
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
        self.upstreams: dict[str, Upstream] = {
            "oidc": self.oidc,
            "saml": SamlUpstream(self.partners),
        }
        self.journeys = Journeys(parts, sessions, self.upstreams)
        self.departures = Departures(parts, clients, self.journeys)

    def register(self, app: Flask, visits: Visits) -> SsoPages:
        """Mount the pages; what is returned takes handlers for other purposes than a sign-in."""
        backchannel = BackchannelReceiver(self._parts.database, self._sessions, self.oidc)
        pages = SsoPages(visits, self.connections, self.journeys, self.departures, backchannel)
        pages.register(app)
        SamlPages(
            visits, self.connections, self.departures, self.partners, self.single_logout
        ).register(app)
        ProofPages(visits, self.connections, self.journeys, self.departures).register(app)
        return pages
