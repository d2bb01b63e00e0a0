"""The connection's name and rules: each explained, each change a version with its reason."""

from flask import Flask, flash
from flask_babel import gettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from idp.authentication.federation import arrivals
from idp.authentication.federation.document import title
from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.authentication.federation.presets import PRESETS
from idp.errors import Invalid
from idp.foundation.database import Transaction
from idp.pages.connection.entrance import CONNECTION, Desk, Entrance
from idp.pages.connection.forms import refuse
from idp.pages.connection.policy_form import FORMS, PolicyForm, shown
from idp.pages.connection.reached import reach

_LASTING = (
    "urn:oasis:names:tc:SAML:attribute:subject-id",
    "urn:oasis:names:tc:SAML:attribute:pairwise-id",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.13",
)
"""Attributes made to identify a person for ever: subject-id, pairwise-id, eduPersonPrincipalName,
eduPersonUniqueId."""
_MOST_NAMES = 60


class PolicyPage:
    """``/organization/<slug>/connection/<name>/policy``."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._database = entrance.parts.database

    def register(self, app: Flask) -> None:
        """Mount the page."""
        path = f"{CONNECTION}/<name>/policy"
        app.add_url_rule(path, "connection_policy", self.edit, methods=["GET", "POST"])

    def edit(self, slug: str, name: str) -> Response:
        """The rules; or what was changed in them, saved."""
        desk = self._entrance.enter(slug)
        with self._database.reading() as tx:
            row = reach(self._entrance, desk, tx, name).row
        form = FORMS[row.kind](data=shown(row.document))
        if not form.validate_on_submit():
            return self._page(desk, row, form)
        try:
            with self._database.transaction() as tx:
                self._save(tx, desk, name, form)
        except Invalid as error:
            places = {key.removeprefix("policy."): code for key, code in error.fields.items()}
            refuse(form, Invalid({key.partition(".")[0]: code for key, code in places.items()}))
            return self._page(desk, row, form, status=error.status)
        self._entrance.connections.changed()
        flash(gettext("connection.saved"), "success")
        return desk.visit.go(f"{desk.path}/{name}")

    def _save(self, tx: Transaction, desk: Desk, name: str, form: PolicyForm) -> None:
        connections = self._entrance.connections
        document = connections.get(tx, desk.organization.id, name).document
        changed = {
            **document,
            **form.own(),
            "policy": {**document["policy"], **form.policy()},
        }
        why = (form.why.data or "").strip()
        connections.update(tx, desk.organization.id, name, changed, by=desk.by, why=why)

    def _page(
        self, desk: Desk, row: ConnectionRecord, form: PolicyForm, *, status: int = 200
    ) -> Response:
        with self._database.reading() as tx:
            linked, names = _linked(tx, row), _names(tx, row)
        here, preset = f"{desk.path}/{row.name}", PRESETS[row.product]
        return self._entrance.render(
            desk,
            "policy",
            steps=[(title(row.document), here), (gettext("connection.policy.heading"), None)],
            status=status,
            here=here,
            form=form,
            called=title({**row.document, "display_name": ""}),
            kind=row.kind,
            linked=linked,
            names=names,
            subject=" ".join(preset.subject) or "NameID",
        )


def _linked(tx: Transaction, row: ConnectionRecord) -> int:
    """How many people are known by what identifies them now."""
    query = select(func.count()).select_from(ExternalIdentityRecord)
    standing = query.where(
        ExternalIdentityRecord.connection_id == row.id, ExternalIdentityRecord.closed_at.is_(None)
    )
    return tx.session.scalar(standing) or 0


def _names(tx: Transaction, row: ConnectionRecord) -> list[str]:
    """Attributes to choose from: those made for it, and those that came in lately."""
    latest = arrivals.latest(tx, row.id)
    came = {name for each in latest for name in each.shape.get("attributes", {})}
    return [*_LASTING, *sorted(came - set(_LASTING))][:_MOST_NAMES]
