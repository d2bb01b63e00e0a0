"""The mapping editor: a change is tried against recent real arrivals, then saved as a version."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation import arrivals, mapping
from idp.authentication.federation import document as documents
from idp.authentication.federation.dry_run import DryRun, dry_run
from idp.authentication.federation.models import Arrival, ConnectionRecord
from idp.errors import Invalid
from idp.foundation.database import Transaction
from idp.pages.connection import mapping_form
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.forms import WhyForm, said
from idp.pages.connection.mapping_form import KINDS, Row
from idp.pages.connection.reached import reach

_MOST_NAMES = 60


class MappingEditor:
    """``/organization/<slug>/connection/<name>/mapping``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        path = f"{CONNECTION}/<name>/mapping"
        app.add_url_rule(path, "connection_mapping", self.edit, methods=["GET", "POST"])

    def edit(self, slug: str, name: str) -> Response:
        """The rules; or what a change would do; or the change, saved."""
        desk = self._entrance.enter(slug)
        form = WhyForm()
        with self._database.reading() as tx:
            row = reach(self._entrance, desk, tx, name).row
            latest = arrivals.latest(tx, row.id)
        if not form.validate_on_submit():
            rows = mapping_form.rows(row.document["mapping"])
            return self._page(desk, row, latest, rows, form)
        rows = mapping_form.read(request.form)
        try:
            document = {**row.document, "mapping": mapping_form.rules(rows)}
            if "try" in request.form:
                tried = _try(row, document, latest)
                return self._page(desk, row, latest, rows, form, tried=tried)
            with self._database.transaction() as tx:
                self._save(tx, desk, name, document, form)
        except Invalid as error:
            problems = _at_fields(error)
            return self._page(desk, row, latest, rows, form, problems=problems, status=error.status)
        self._entrance.connections.changed()
        flash(gettext("connection.saved"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def _save(
        self, tx: Transaction, desk: Desk, name: str, document: Mapping[str, Any], form: WhyForm
    ) -> None:
        why = (form.why.data or "").strip()
        self._entrance.connections.update(
            tx, desk.organization.id, name, document, by=desk.by, why=why
        )

    def _page(
        self,
        desk: Desk,
        row: ConnectionRecord,
        latest: "list[Arrival] | Any",
        rows: list[Row],
        form: WhyForm,
        *,
        tried: DryRun | None = None,
        problems: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        product = {**row.document, "mapping": {}}
        presets = mapping_form.rows(documents.mapping(product))
        here = f"{desk.path}/{row.name}"
        return self._entrance.render(
            desk,
            "mapping",
            steps=[
                (documents.title(row.document), here),
                (gettext("connection.mapping.heading"), None),
            ],
            status=status,
            here=here,
            form=form,
            rows=rows,
            presets={each.field: each for each in presets},
            kinds=KINDS,
            names=_names(latest),
            problems=problems or {},
            tried=tried,
        )


def _try(row: ConnectionRecord, document: Mapping[str, Any], latest: Any) -> DryRun:
    """What the change would have done; Invalid where it does not hold."""
    checked = documents.read(document).stored()
    shapes = [each.shape["attributes"] for each in latest if each.shape.get("attributes")]
    return dry_run(documents.mapping(row.document), documents.mapping(checked), shapes)


def _names(latest: Any) -> list[str]:
    """The attribute names that came in lately, to choose from."""
    found = {name for each in latest for name in each.shape.get("attributes", {})}
    return sorted(found)[:_MOST_NAMES]


def _at_fields(error: Invalid) -> dict[str, str]:
    """Each reason by our field's name; what concerns no field is under the empty name."""
    found = {}
    for key, code in error.fields.items():
        field = key.removeprefix("mapping.")
        found[field if field in mapping.FIELDS else ""] = said(code, field)
    return found
