"""Diagnosis: recent arrivals and refusals, one by its reference, and a link for a consultant."""

from flask import Flask, flash, render_template, request
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from idp.authentication.federation import arrivals
from idp.authentication.federation.models import Arrival, ConnectionRecord
from idp.authentication.federation.passes import Purpose
from idp.authentication.federation.passes_models import Pass
from idp.errors import NotFound
from idp.foundation.database import Transaction
from idp.foundation.texts import current_locale
from idp.pages.connection.entrance import CONNECTION, Capacity, Entrance
from idp.pages.connection.findings import Finding, finding

_ARRIVALS = f"{CONNECTION}/arrivals"
_SHOWN = 50
"""Arrivals of one list; an older one is found by its reference while it is kept."""


class Diagnosis:
    """``/organization/<slug>/connection/arrivals`` and ``/diagnosis/<token>``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        one = f"{_ARRIVALS}/<reference>"
        app.add_url_rule(_ARRIVALS, "connection_arrivals", self.recent)
        app.add_url_rule(one, "connection_arrival", self.one)
        app.add_url_rule(f"{one}/share", "connection_share", self.share, methods=["POST"])
        app.add_url_rule(
            f"{one}/share/revoke", "connection_share_revoke", self.unshare, methods=["POST"]
        )
        app.add_url_rule("/diagnosis/<token>", "diagnosis", self.shared)

    def recent(self, slug: str) -> Response:
        """The latest, refusals alone if asked for; a reference leads to its page."""
        desk = self._entrance.enter(slug)
        asked = request.args.get("q", "").strip().upper()[:20]
        only_refused = "refused" in request.args
        with self._database.reading() as tx:
            if asked and _found(tx, desk.organization.id, asked):
                return desk.visit.go(f"{desk.path}/arrivals/{asked}")
            findings = _latest(tx, desk.organization.id, only_refused=only_refused)
        return self._entrance.render(
            desk,
            "arrivals",
            steps=[(gettext("connection.tab.diagnosis"), None)],
            findings=findings,
            only_refused=only_refused,
            asked=asked,
        )

    def one(self, slug: str, reference: str) -> Response:
        """What we expected, what came, and how to mend it."""
        desk = self._entrance.enter(slug)
        with self._database.reading() as tx:
            found = _require(tx, desk.organization.id, reference)
            passes = self._shares(tx, desk.organization.id, reference)
        shares = [
            (f"{self._entrance.issuer}/diagnosis/{self._entrance.passes.token(each)}", each)
            for each in passes
        ]
        return self._entrance.render(
            desk,
            "arrival",
            steps=[
                (gettext("connection.tab.diagnosis"), f"{desk.path}/arrivals"),
                (reference, None),
            ],
            found=found,
            shares=shares,
            is_operator=desk.capacity is Capacity.OPERATOR,
        )

    def share(self, slug: str, reference: str) -> Response:
        """Make an address at which an outsider reads this one diagnosis for a week."""
        desk = self._entrance.enter(slug)
        with self._database.transaction() as tx:
            _require(tx, desk.organization.id, reference)
            if not self._shares(tx, desk.organization.id, reference):
                self._entrance.passes.issue(
                    tx, Purpose.DIAGNOSIS, desk.organization.id, by=desk.by, target_id=reference
                )
        flash(gettext("connection.share.made"), "success")
        return desk.visit.go(f"{desk.path}/arrivals/{reference}")

    def unshare(self, slug: str, reference: str) -> Response:
        """Let that address lead nowhere from now on."""
        desk = self._entrance.enter(slug)
        passes = self._entrance.passes
        with self._database.transaction() as tx:
            _require(tx, desk.organization.id, reference)
            for each in self._shares(tx, desk.organization.id, reference):
                passes.revoke(tx, desk.organization.id, each.id, by=desk.by)
        flash(gettext("connection.share.revoked"), "success")
        return desk.visit.go(f"{desk.path}/arrivals/{reference}")

    def shared(self, token: str) -> Response:
        """The diagnosis as an outsider reads it: nothing to press."""
        visit = self._entrance.visits.current()
        with self._database.reading() as tx:
            opened = self._entrance.passes.open(tx, Purpose.DIAGNOSIS, token)
            if opened is None or opened.pass_.target_id is None:
                raise NotFound
            found = _require(tx, opened.organization.id, opened.pass_.target_id)
        page = render_template(
            "pages/connection/diagnosis.html",
            found=found,
            organization=opened.organization,
            until=opened.pass_.expires_at,
            form=None,
        )
        return visit.answer(page)

    def _shares(self, tx: Transaction, organization_id: str, reference: str) -> list[Pass]:
        living = self._entrance.passes.living(tx, Purpose.DIAGNOSIS, organization_id)
        return [each for each in living if each.target_id == reference]


def _latest(tx: Transaction, organization_id: str, *, only_refused: bool) -> list[Finding]:
    query = (
        select(Arrival, ConnectionRecord)
        .join(ConnectionRecord, ConnectionRecord.id == Arrival.connection_id)
        .where(ConnectionRecord.organization_id == organization_id)
        .order_by(Arrival.at.desc(), Arrival.reference)
        .limit(_SHOWN)
    )
    if only_refused:
        query = query.where(Arrival.reason != arrivals.OK)
    locale = current_locale()
    return [finding(arrival, row, locale) for arrival, row in tx.session.execute(query)]


def _found(tx: Transaction, organization_id: str, reference: str) -> Finding | None:
    """The organization's arrival with this reference; None for another's, and where none is."""
    arrival = arrivals.by_reference(tx, reference)
    row = tx.session.get(ConnectionRecord, arrival.connection_id) if arrival else None
    if arrival is None or row is None or row.organization_id != organization_id:
        return None
    return finding(arrival, row, current_locale())


def _require(tx: Transaction, organization_id: str, reference: str) -> Finding:
    found = _found(tx, organization_id, reference)
    if found is None:
        raise NotFound
    return found
