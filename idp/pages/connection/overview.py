"""The front page: the organization's connections, and who may set them up."""

from dataclasses import dataclass

from flask import Flask
from werkzeug.wrappers import Response

from idp.authentication.federation.federation import Federation
from idp.authentication.federation.models import ConnectionRecord
from idp.authentication.federation.passes import Purpose
from idp.foundation.database import Transaction
from idp.pages.connection.entrance import CONNECTION, Entrance
from idp.pages.connection.products import product
from idp.pages.connection.reached import State, state
from idp.pages.connection.setup_forms import SetupForm


@dataclass(frozen=True, kw_only=True)
class Line:
    """A connection in the list."""

    name: str
    title: str
    product: str
    is_default: bool
    state: State
    waits: bool
    """Whether metadata waits for acceptance."""


class Overview:
    """``/organization/<slug>/connection``."""

    def __init__(self, entrance: Entrance, federation: Federation) -> None:
        self._entrance = entrance
        self._refresh = federation.metadata_refresh

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(CONNECTION, "connection_overview", self.show)

    def show(self, slug: str) -> Response:
        """The connections, and the living setup links where they are for these eyes."""
        desk = self._entrance.enter(slug)
        with self._entrance.parts.database.reading() as tx:
            rows = self._entrance.connections.all(tx, desk.organization.id)
            lines = [self._line(tx, row) for row in rows]
            passes = self._entrance.passes.living(tx, Purpose.SETUP, desk.organization.id)
        return self._entrance.render(
            desk,
            "overview",
            lines=lines,
            sso_link=f"{self._entrance.issuer}/sso/{slug}",
            passes=passes if desk.sees_people else [],
            setup=SetupForm(formdata=None),
        )

    def _line(self, tx: Transaction, row: ConnectionRecord) -> Line:
        known = product(row.product)
        connection = self._entrance.connections.by_id(tx, row.id)
        return Line(
            name=row.name,
            title=connection.title,
            product=known.id if known else row.kind,
            is_default=row.is_default,
            state=state(row),
            waits=row.kind == "saml" and self._refresh.waiting(tx, connection) is not None,
        )
