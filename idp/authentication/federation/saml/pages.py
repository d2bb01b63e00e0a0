"""What a SAML identity provider finds of us: our metadata, and where single logout comes."""

from flask import Flask, request
from werkzeug.wrappers import Response

from idp.authentication.federation.connections import Connections
from idp.authentication.federation.departures import Departures, send
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import service_provider
from idp.authentication.federation.saml.partner import Partners
from idp.authentication.federation.saml.single_logout import Message, SingleLogout
from idp.authentication.visit import Visits
from idp.foundation.web.site import accept_foreign_posts, accept_large_posts

KIND = "application/samlmetadata+xml"
"""saml-metadata appendix A."""
_LARGEST = 64 * 1024


class SamlPages:
    """The paths of SAML connections beside those of every kind."""

    def __init__(
        self,
        visits: Visits,
        connections: Connections,
        departures: Departures,
        partners: Partners,
        single_logout: SingleLogout,
    ) -> None:
        self._visits = visits
        self._connections = connections
        self._departures = departures
        self._partners = partners
        self._single_logout = single_logout

    def register(self, app: Flask) -> None:
        """Mount the paths; identity providers post to one of them."""
        path = "/sso/<slug>/<name>"
        app.add_url_rule(f"{path}/metadata", "saml_metadata", self.metadata)
        app.add_url_rule(f"{path}/slo", "saml_slo", self.slo, methods=["GET", "POST"])
        accept_foreign_posts(app, "saml_slo")
        accept_large_posts("saml_slo", _LARGEST)

    def metadata(self, slug: str, name: str) -> Response:
        """Our metadata, from the moment the connection is made."""
        ours = self._partners.ours(self._connections.find(slug, name, "saml"))
        return Response(service_provider.metadata(ours), mimetype=KIND)

    def slo(self, slug: str, name: str) -> Response:
        """A logout message: a request is done and answered, an answer leads onward."""
        visit, connection = self._visits.current(), self._connections.find(slug, name, "saml")
        try:
            message = _message()
            if message.parameter == "SAMLRequest":
                answer = self._single_logout.asked(connection, message, by=visit.actor_for(None))
                return send(visit, connection, answer)
            onward, _ = self._single_logout.answered(connection, message)
        except FederationRefused as refusal:
            return self._departures.refuse(visit, connection, None, refusal)
        return visit.go(onward)


def _message() -> Message:
    """The message at hand, by either binding."""
    given = request.form if request.method == "POST" else request.args
    raw = request.query_string.decode("ascii", "replace") if request.method == "GET" else None
    for parameter in ("SAMLRequest", "SAMLResponse"):
        if value := given.get(parameter):
            return Message(
                parameter=parameter,
                query=raw,
                form=value,
                relay_state=given.get("RelayState", "")[:200],
            )
    raise FederationRefused(Reason.ANSWER_INCOMPLETE, field="SAMLRequest")
