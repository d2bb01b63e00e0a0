"""The signed-out page: what ended, what goes on, and the frames that tell relying parties.

Front-Channel Logout 1.0 section 3: the frames' origins are the only ones its policy allows. Where a
client waits for the browser, a small script of ours goes on once they have loaded; without scripts
a button does.
"""

from flask import Flask, render_template, request
from werkzeug.wrappers import Response

from idp.authentication.visit import Visit, Visits
from idp.authorization.farewell import (
    Farewell,
    organizations_that_go_on,
    relying_parties,
    unseal,
)
from idp.authorization.paths import LOGOUT, SIGNED_OUT
from idp.clients.registry import Clients
from idp.foundation.texts import current_locale
from idp.foundation.web.page_headers import content_security_policy

PARAMETER = "ended"


class SignedOut:
    """The page ``/logout/done``; reading it again shows how far the telling is."""

    def __init__(self, visits: Visits, clients: Clients) -> None:
        self._visits = visits
        self._parts = visits.parts
        self._clients = clients

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(SIGNED_OUT, "signed_out", self.show)

    def show(self) -> Response:
        """What ended in this browser within the hour; where nothing did, that nobody is here."""
        visit = self._visits.current()
        sealed = request.args.get(PARAMETER, "")
        farewell = unseal(self._parts.keyring, sealed, visit.browser.name)
        if farewell:
            return self._say_goodbye(visit, farewell)
        if visit.session:
            return visit.go(LOGOUT)
        return self._answer(visit, "authorization/nobody_here.html")

    def _say_goodbye(self, visit: Visit, farewell: Farewell) -> Response:
        issuer = self._parts.settings.issuer
        with self._parts.database.reading() as tx:
            parties = relying_parties(tx, self._clients, farewell, issuer)
            vouching = organizations_that_go_on(tx, farewell.session_id)
        locale = current_locale()
        began = self._clients.find(farewell.client_id) if farewell.client_id else None
        answer = self._answer(
            visit,
            "authorization/signed_out.html",
            parties=[(party.client.name(locale), party.state.value) for party in parties],
            vouching=vouching,
            frames=[party.frame for party in parties if party.frame],
            onward=farewell.onward,
            onward_name=began.name(locale) if began else None,
        )
        origins = {party.origin for party in parties if party.frame}
        answer.headers["Content-Security-Policy"] = content_security_policy(frames=origins)
        return answer

    def _answer(self, visit: Visit, template: str, **values: object) -> Response:
        page = render_template(
            template,
            portal=visit.portal_address(self._clients),
            other_person=visit.portal_address(self._clients, prompt="login"),
            **values,
        )
        return visit.answer(page)
