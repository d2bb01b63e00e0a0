"""Choosing a product, and the page where its values and ours meet: a new connection or a change."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation.document import title
from idp.authentication.federation.kerberos.upstream import KerberosUpstream
from idp.authentication.federation.models import ConnectionRecord
from idp.errors import Invalid, NotFound
from idp.foundation.web.site import accept_large_posts
from idp.pages.connection import keytabs
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance, Steps
from idp.pages.connection.forms import (
    FORMS,
    LARGEST_METADATA,
    GivenForm,
    KerberosForm,
    SamlForm,
    refuse,
)
from idp.pages.connection.products import PRODUCTS, Product, offered, product
from idp.pages.connection.reached import reach
from idp.pages.connection.values import free_name, ours

_ROOM = LARGEST_METADATA + 64 * 1024
_BOTH = ["GET", "POST"]


class Settings:
    """``/organization/<slug>/connection/new`` and ``…/<name>/edit``."""

    def __init__(self, entrance: Entrance, kerberos: KerberosUpstream) -> None:
        self._entrance = entrance
        self._kerberos = kerberos
        self._connections = entrance.connections
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        new, edit = f"{CONNECTION}/new/<product_id>", f"{CONNECTION}/<name>/edit"
        app.add_url_rule(f"{CONNECTION}/new", "connection_choose", self.choose)
        app.add_url_rule(new, "connection_new", self.new, methods=_BOTH)
        app.add_url_rule(edit, "connection_edit", self.edit, methods=_BOTH)
        accept_large_posts("connection_new", _ROOM)
        accept_large_posts("connection_edit", _ROOM)

    def choose(self, slug: str) -> Response:
        """The products."""
        desk = self._entrance.enter(slug)
        steps = [(gettext("connection.new.heading"), None)]
        items = [_offer(desk, each) for each in offered()]
        return self._entrance.render(desk, "choose", steps=steps, items=items)

    def new(self, slug: str, product_id: str) -> Response:
        """The guide with its form; or the connection made of it, switched off."""
        desk = self._entrance.enter(slug)
        chosen = PRODUCTS.get(product_id)
        if chosen not in offered():
            raise NotFound
        with self._database.reading() as tx:
            rows = self._connections.all(tx, desk.organization.id)
        name = free_name(chosen.slug, {row.name for row in rows})
        form = FORMS[chosen.kind]()
        if not form.validate_on_submit() or not self._opens(form):
            return self._guide(desk, chosen, name, form, status=_status(form))
        document = {"kind": chosen.kind, "product": chosen.id, "name": name, **form.given()}
        try:
            with self._database.transaction() as tx:
                self._connections.create(tx, desk.organization, document, by=desk.by)
        except Invalid as error:
            refuse(form, error)
            return self._guide(desk, chosen, name, form, status=error.status)
        self._connections.changed()
        flash(gettext("connection.created"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def edit(self, slug: str, name: str) -> Response:
        """The same of a connection that is there; a secret that is left empty stays."""
        desk = self._entrance.enter(slug)
        with self._database.reading() as tx:
            row = reach(self._entrance, desk, tx, name).row
            held = self._connections.secrets(row).get("keytab", "")
        known = product(row.product)
        if known is None:
            raise NotFound  # A product that only the operator's commands set up.
        form = FORMS[row.kind](data=_shown(row.document))
        if not form.validate_on_submit() or not self._opens(form, held):
            return self._guide(desk, known, name, form, row=row, status=_status(form))
        try:
            with self._database.transaction() as tx:
                document = changed(row.document, form)
                why = (form.why.data or "").strip()
                self._connections.update(
                    tx, desk.organization.id, name, document, by=desk.by, why=why
                )
        except Invalid as error:
            refuse(form, error)
            return self._guide(desk, known, name, form, row=row, status=error.status)
        self._connections.changed()
        flash(gettext("connection.saved"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def _opens(self, form: GivenForm, held: str = "") -> bool:
        """Whether a Kerberos form's keytab, or the one that stays, opens tickets for us."""
        realm = form.given().get("realm") if isinstance(form, KerberosForm) else None
        if not isinstance(form, KerberosForm) or not realm:
            return True
        content = form.content or b64decode(held)
        wrong = keytabs.problem(content, self._kerberos.principal(realm)) if content else None
        form.keytab.errors = [*form.keytab.errors, wrong] if wrong else form.keytab.errors
        return wrong is None

    def _guide(
        self,
        desk: Desk,
        chosen: Product,
        name: str,
        form: GivenForm,
        *,
        row: ConnectionRecord | None = None,
        status: int = 200,
    ) -> Response:
        return self._entrance.render(
            desk,
            "guide",
            steps=_steps(desk, chosen, row),
            status=status,
            product=chosen,
            form=form,
            values=ours(self._entrance.issuer, desk.organization.slug, name, chosen.kind),
            row=row,
            title=title(row.document) if row else "",
        )


def _status(form: GivenForm) -> int:
    """Of a form that is shown: with errors, or for the first time."""
    return Invalid.status if form.errors else 200


def _offer(desk: Desk, each: Product) -> tuple[str, str, str]:
    """A product as the list shows it: name, what kind it is, where it leads."""
    about = [gettext(f"connection.kind.{each.kind}")]
    if each.is_recommended:
        about.append(gettext("connection.recommended"))
    name = gettext(f"connection.product.{each.id}")
    return (name, " · ".join(about), f"{desk.path}/new/{each.id}")


def changed(document: Mapping[str, Any], form: GivenForm) -> dict[str, Any]:
    """The document with what the form says in place of what its fields said before.

    Metadata is one thing told in one of two ways: nothing new leaves it, and a file or text given
    beside the address that stood there already takes its place.
    """
    given = form.given()
    if isinstance(form, SamlForm):
        if not given:
            return dict(document)
        if "metadata" in given and given.get("metadata_url") == document.get("metadata_url"):
            given.pop("metadata_url", None)
    kept = {key: value for key, value in document.items() if key not in form}
    return {**kept, **given}


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the form shows it; metadata itself is too long to be shown."""
    return {key: value for key, value in document.items() if value and key != "metadata"}


def _steps(desk: Desk, chosen: Product, row: ConnectionRecord | None) -> Steps:
    heading = gettext(f"connection.product.{chosen.id}")
    if row is None:
        return [(gettext("connection.new.heading"), f"{desk.path}/new"), (heading, None)]
    return [
        (title(row.document), f"{desk.path}/{row.name}"),
        (gettext("connection.edit.heading"), None),
    ]
