"""The organization's e-mail domains: what to publish in DNS, and which lead home already."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, flash
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from idp.authentication.federation import domain_checks, domains
from idp.authentication.federation.models import OrganizationDomain
from idp.errors import Invalid, NotFound
from idp.foundation import outbox
from idp.foundation.database import Transaction
from idp.pages.connection.entrance import CONNECTION, Capacity, Desk, Entrance
from idp.pages.connection.forms import refuse, said

_PATH = f"{CONNECTION}/domains"


class DomainForm(FlaskForm):
    """A domain, as people write it."""

    domain = StringField(
        lazy_gettext("connection.domains.field"),
        [
            InputRequired(lazy_gettext("connection.domains.required")),
            Length(max=254, message=lazy_gettext("login.too_long")),
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A domain in the list."""

    domain: str
    is_verified: bool
    checked_at: datetime | None
    txt_name: str
    txt_value: str


class DomainsPage:
    """``/organization/<slug>/connection/domains``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page and its deeds."""
        app.add_url_rule(_PATH, "connection_domains", self.show, methods=["GET", "POST"])
        verify, remove = f"{_PATH}/verify", f"{_PATH}/remove"
        app.add_url_rule(verify, "connection_domain_verify", self.verify, methods=["POST"])
        app.add_url_rule(remove, "connection_domain_remove", self.remove, methods=["POST"])

    def show(self, slug: str) -> Response:
        """The domains and the form for one more; or the one just added."""
        desk = self._entrance.enter(slug)
        form = DomainForm()
        if not form.validate_on_submit():
            return self._page(desk, form, status=422 if form.errors else 200)
        try:
            with self._database.transaction() as tx:
                domains.add(tx, desk.organization.id, form.domain.data, by=desk.by)
        except Invalid as error:
            refuse(form, error)
            return self._page(desk, form, status=error.status)
        flash(gettext("connection.domains.added"), "success")
        return self._back(desk)

    def verify(self, slug: str) -> Response:
        """The operator's word, or an order to look into DNS, which no request waits for."""
        desk = self._entrance.enter(slug)
        try:
            with self._database.transaction() as tx:
                row = self._row(tx, desk)
                if desk.capacity is Capacity.OPERATOR:
                    domains.verify(tx, row, how="operator", by=desk.by)
                else:
                    payload = {"domain": row.domain}
                    outbox.put(
                        tx, domain_checks.KIND, payload, organization_id=desk.organization.id
                    )
        except Invalid as error:
            flash(said(error.fields["domain"], ""), "error")
        except NotFound:
            flash(gettext("connection.domains.gone"), "error")
        else:
            is_known = desk.capacity is Capacity.OPERATOR
            flash(gettext(f"connection.domains.{'verified' if is_known else 'ordered'}"), "success")
        return self._back(desk)

    def remove(self, slug: str) -> Response:
        """Nobody is led home by it from now on."""
        desk = self._entrance.enter(slug)
        try:
            with self._database.transaction() as tx:
                row = self._row(tx, desk)
                domains.remove(tx, desk.organization.id, row.domain, by=desk.by)
            flash(gettext("connection.domains.removed"), "success")
        except NotFound:
            flash(gettext("connection.domains.gone"), "error")
        return self._back(desk)

    def _row(self, tx: Transaction, desk: Desk) -> OrganizationDomain:
        typed = DomainForm().domain.data or ""
        return domains.get(tx, desk.organization.id, typed)

    def _page(self, desk: Desk, form: DomainForm, *, status: int) -> Response:
        with self._database.reading() as tx:
            lines = [_line(row) for row in domains.all_of(tx, desk.organization.id)]
        steps = [(gettext("connection.domains.heading"), None)]
        return self._entrance.render(
            desk,
            "domains",
            steps=steps,
            status=status,
            lines=lines,
            form=form,
            is_operator=desk.capacity is Capacity.OPERATOR,
        )

    def _back(self, desk: Desk) -> Response:
        return desk.visit.go(f"{desk.path}/domains")


def _line(row: OrganizationDomain) -> Line:
    name, value = domains.record_of(row)
    return Line(
        domain=row.domain,
        is_verified=row.verified_at is not None,
        checked_at=row.checked_at,
        txt_name=name,
        txt_value=value,
    )
