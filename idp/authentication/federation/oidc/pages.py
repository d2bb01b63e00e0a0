"""What an OpenID provider finds of us beside the callback: our key, and the ways of sign-out."""

from flask import Flask, jsonify, request
from werkzeug.wrappers import Response

from idp.authentication.federation.backchannel import BackchannelReceiver
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.oidc import client_key
from idp.authentication.federation.oidc.sign_out import OidcSignOut
from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.visit import Visits
from idp.errors import NotFound
from idp.foundation.web.site import accept_foreign_posts

_GOODBYE = "/logout"
"""Where a browser that cannot be told from others is shown that nobody is signed in."""


class OidcPages:
    """The paths of OpenID Connect connections beside those of every kind."""

    def __init__(
        self,
        visits: Visits,
        connections: Connections,
        backchannel: BackchannelReceiver,
        sign_out: OidcSignOut,
    ) -> None:
        self._visits = visits
        self._connections = connections
        self._backchannel = backchannel
        self._sign_out = sign_out

    def register(self, app: Flask) -> None:
        """Mount the paths; upstreams post to one of them."""
        path = "/sso/<slug>/<name>"
        app.add_url_rule(f"{path}/jwks", "sso_jwks", self.jwks)
        app.add_url_rule(f"{path}/signed-out", "sso_signed_out", self.signed_out)
        app.add_url_rule(f"{path}/backchannel", "sso_backchannel", self.told, methods=["POST"])
        accept_foreign_posts(app, "sso_backchannel")

    def jwks(self, slug: str, name: str) -> Response:
        """The key that our assertions for this upstream are signed with."""
        private = self._connections.find(slug, name, "oidc").secrets.get(client_key.SECRET)
        if private is None:
            raise NotFound
        return jsonify(client_key.published(private))

    def signed_out(self, slug: str, name: str) -> Response:
        """Back from the upstream's sign-out: onward, as we meant to before."""
        visit, connection = self._visits.current(), self._connections.find(slug, name, "oidc")
        browser = None if visit.browser.is_new else visit.browser.name
        try:
            onward = self._sign_out.returned(connection, request.args.get("state", ""), browser)
        except FederationRefused:
            onward = _GOODBYE
        return visit.go(onward)

    def told(self, slug: str, name: str) -> Response:
        """An upstream's word that its session is over (OpenID Connect Back-Channel Logout 1.0)."""
        connection = self._connections.find(slug, name, "oidc")
        by = self._visits.current().actor_for(None)
        status = self._backchannel.receive(connection, request.form.get("logout_token"), by=by)
        answer = jsonify({} if status == 200 else {"error": "invalid_request"})
        answer.status_code = status
        return answer
