"""'Yhdistetyt palvelut': who has access in one's name, since when, what for; taking it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authorization import consents
from idp.authorization.scopes import in_words
from idp.clients.registry import Clients
from idp.foundation.texts import current_locale
from idp.pages.menu import APPLICATIONS
from idp.pages.shell import Shell, SignedInVisit


@dataclass(frozen=True, kw_only=True)
class Application:
    """A connected client as its person knows it."""

    client_id: str
    name: str
    is_ours: bool
    since: datetime
    may: list[str]


class Applications:
    """``/account/applications``."""

    def __init__(self, shell: Shell, clients: Clients) -> None:
        self._shell = shell
        self._clients = clients
        self._database = shell.visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(
            APPLICATIONS, "account_applications", self.applications, methods=["GET", "POST"]
        )

    def applications(self) -> Response:
        """The list; or the end of one's permission."""
        visit = self._shell.signed_in()
        found = list(self._applications(visit))
        if request.method == "POST":
            return self._take_back(visit, found)
        return self._shell.render(
            visit,
            "pages/account/applications.html",
            current=APPLICATIONS,
            breadcrumb=[(gettext("menu.applications"), None)],
            applications=found,
        )

    def _take_back(self, visit: SignedInVisit, found: list[Application]) -> Response:
        """Take back from what is in the person's own list."""
        wanted = request.form.get("client")
        doomed = next((each for each in found if each.client_id == wanted), None)
        if doomed is None:
            flash(gettext("applications.none"), "info")
            return visit.go(APPLICATIONS)
        with self._database.transaction() as tx:
            consents.take_back(tx, visit.session.person_id, doomed.client_id, by=visit.actor)
        flash(gettext("applications.taken_back", client=doomed.name), "success")
        return visit.go(APPLICATIONS)

    def _applications(self, visit: SignedInVisit) -> Iterator[Application]:
        """Those that still exist; a client that is gone can do nothing any more."""
        with self._database.reading() as tx:
            connected = consents.connected(tx, visit.session.person_id)
        locale = current_locale()
        for each in connected:
            if client := self._clients.find(each.client_id):
                yield Application(
                    client_id=each.client_id,
                    name=client.name(locale),
                    is_ours=client.is_first_party,
                    since=each.since,
                    may=in_words(
                        (name for name in each.scope if not name.startswith("organization:")),
                        locale,
                    ),
                )
