"""Setup links: sent by a main user or the operator, taken up once, in one browser.

Whoever opens the link sees a page first and presses a button: a mail scanner's look binds nothing.
"""

from flask import Flask, flash, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation.passes import Passes, Purpose
from idp.authentication.federation.setup_mail import KIND
from idp.authentication.visit import Visits
from idp.directory.fields import is_email
from idp.errors import Gone, NotFound
from idp.foundation import outbox
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.setup_forms import SetupForm

SETUP = "/setup/<token>"
_DEAD = "setup_link_dead"


class SetupLinks:
    """``/organization/<slug>/connection/setup``: sending and revoking."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the deeds."""
        send, revoke = f"{CONNECTION}/setup", f"{CONNECTION}/setup/<pass_id>"
        app.add_url_rule(send, "connection_setup", self.send, methods=["POST"])
        app.add_url_rule(revoke, "connection_setup_revoke", self.revoke, methods=["POST"])

    def send(self, slug: str) -> Response:
        """Mail a link to whoever sets the connection up."""
        desk = self._enter(slug)
        form = SetupForm()
        address = (form.email.data or "").strip()
        if not form.validate_on_submit() or not is_email(address):
            flash(gettext("connection.setup.bad_address"), "error")
            return desk.visit.go(f"{desk.path}#setup")
        with self._database.transaction() as tx:
            issued = self._entrance.passes.issue(
                tx, Purpose.SETUP, desk.organization.id, by=desk.by, address=address
            )
            outbox.put(tx, KIND, {"id": issued.id}, organization_id=desk.organization.id)
        flash(gettext("connection.setup.sent", address=address), "success")
        return desk.visit.go(desk.path)

    def revoke(self, slug: str, pass_id: str) -> Response:
        """End a link, also where it is in use."""
        desk = self._enter(slug)
        with self._database.transaction() as tx:
            self._entrance.passes.revoke(tx, desk.organization.id, pass_id, by=desk.by)
        flash(gettext("connection.setup.revoked"), "success")
        return desk.visit.go(desk.path)

    def _enter(self, slug: str) -> Desk:
        """Only who sees the organization's people may let in others."""
        desk = self._entrance.enter(slug)
        if not desk.sees_people:
            raise NotFound
        return desk


class SetupDoor:
    """``/setup/<token>``: where a setup link leads."""

    def __init__(self, visits: Visits, passes: Passes) -> None:
        self._visits = visits
        self._passes = passes
        self._database = visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(SETUP, "setup", self.show)
        app.add_url_rule(SETUP, "setup_take_up", self.take_up, methods=["POST"])

    def show(self, token: str) -> Response:
        """What the link is for; nothing is used up."""
        visit = self._visits.current()
        with self._database.reading() as tx:
            opened = self._passes.open(tx, Purpose.SETUP, token)
            if opened is None:
                raise Gone(_DEAD)
            name, expires_at = opened.organization.name, opened.pass_.expires_at
        page = render_template(
            "pages/connection/setup.html", name=name, expires_at=expires_at, form=None
        )
        return visit.answer(page)

    def take_up(self, token: str) -> Response:
        """Open the pages to this browser; another one that was quicker keeps them."""
        visit = self._visits.current()
        with self._database.transaction() as tx:
            opened = self._passes.open(tx, Purpose.SETUP, token)
            is_ours = opened is not None and self._passes.take_up(
                tx, opened, visit.browser.name, by=visit.actor
            )
        if opened is None or not is_ours:
            raise Gone(_DEAD)
        return visit.go(CONNECTION.replace("<slug>", opened.organization.slug))
