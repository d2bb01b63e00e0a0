"""The test: a real sign-in at the upstream that writes nothing and shows what it would do."""

from typing import Any

from flask import Flask, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation import arrivals, departures
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.federation import Federation
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.models import Arrival
from idp.authentication.federation.reasons import FederationRefused
from idp.authentication.federation.rehearsal import rehearse
from idp.authentication.federation.sso_pages import SsoPages
from idp.authentication.visit import Visit
from idp.foundation.texts import current_locale
from idp.pages.connection.entrance import CONNECTION, Entrance
from idp.pages.connection.findings import finding
from idp.pages.connection.reached import reach

PURPOSE = "test"


class Trial:
    """``/organization/<slug>/connection/<name>/test``."""

    def __init__(self, entrance: Entrance, federation: Federation) -> None:
        self._entrance = entrance
        self._journeys = federation.journeys
        self._database = entrance.parts.database
        self._keyring = entrance.parts.keyring

    def register(self, app: Flask, sso: SsoPages) -> None:
        """Mount the pages, and take the answers to tests."""
        path = f"{CONNECTION}/<name>/test"
        app.add_url_rule(path, "connection_test", self.show)
        app.add_url_rule(path, "connection_test_begin", self.begin, methods=["POST"])
        sso.on(PURPOSE, self.answered)

    def show(self, slug: str, name: str) -> Response:
        """The button, and the result of a test that was just made, or of the latest one."""
        desk = self._entrance.enter(slug)
        asked = request.args.get("reference", "")
        with self._database.reading() as tx:
            reached = reach(self._entrance, desk, tx, name)
            row = reached.row
            tests = [each for each in arrivals.latest(tx, row.id) if each.is_test]
        shown = next(
            (each for each in tests if each.reference == asked), tests[0] if tests else None
        )
        here = f"{desk.path}/{name}"
        return self._entrance.render(
            desk,
            "test",
            steps=[(reached.title, here), (gettext("connection.test.heading"), None)],
            here=here,
            found=finding(shown, row, current_locale()) if shown else None,
            result=_result(shown) if shown else {},
        )

    def begin(self, slug: str, name: str) -> Response:
        """Send this browser to the upstream."""
        desk = self._entrance.enter(slug)
        with self._database.reading() as tx:
            connection = reach(self._entrance, desk, tx, name).connection
        visit = desk.visit
        try:
            departure = self._journeys.depart(
                connection,
                browser=visit.browser.name,
                purpose=PURPOSE,
                sealed_request=None,
                wishes={"locale": current_locale()},
            )
        except FederationRefused as refusal:
            return self._noted(visit, connection, None, refusal, {})
        return departures.send(visit, connection, departure)

    def answered(
        self,
        visit: Visit,
        connection: Connection,
        _row: Any,
        outcome: ExternalIdentity | FederationRefused,
    ) -> Response:
        """What came of a test: noted under its reference, shown on its page."""
        if isinstance(outcome, FederationRefused):
            return self._noted(visit, connection, None, outcome, {})
        found, refusal = rehearse(self._database, connection, outcome, by=visit.actor_for(None))
        return self._noted(visit, connection, outcome, refusal, found)

    def _noted(
        self,
        visit: Visit,
        connection: Connection,
        identity: ExternalIdentity | None,
        refusal: FederationRefused | None,
        found: dict[str, Any],
    ) -> Response:
        attributes = identity.attributes if identity else {}
        with self._database.transaction() as tx:
            arrivals.note(
                tx,
                connection.id,
                reference=visit.reference,
                attributes=arrivals.shape(self._keyring, connection.id, attributes),
                refusal=refusal,
                is_test=True,
                rehearsed=found,
            )
        # A posted answer came without our cookies: a new name would cost the browser its setup.
        return redirect(_page(connection, visit.reference), 303)


def _page(connection: Connection, reference: str) -> str:
    """Where the result is shown; whoever may not enter there is told so by its door."""
    console = CONNECTION.replace("<slug>", connection.slug)
    return f"{console}/{connection.name}/test?reference={reference}"


def _result(arrival: Arrival) -> dict[str, Any]:
    names = ("masked", "mapped", "outcome", "changes")
    return {name: arrival.shape[name] for name in names if name in arrival.shape}
