"""The registered clients as the operator sees them: listed, shown, switched off and on, rotated."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Flask, flash, request
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from idp.audit import Actor
from idp.authentication.visit import Visit
from idp.clients.client import name_of
from idp.clients.models import ClientRecord
from idp.clients.registrations import SECRET_OVERLAP
from idp.clients.registry import Clients
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.pages.menu import CLIENTS, OPERATIONS
from idp.pages.shell import Shell, SignedInVisit

_ONE = f"{CLIENTS}/<client_id>"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A registration as the pages show it."""

    record: ClientRecord
    name: str

    @property
    def address(self) -> str:
        """Where its page lies."""
        return f"{CLIENTS}/{self.record.client_id}"

    @property
    def kind(self) -> str:
        """Whose it is: ours, somebody else's, or one that registered itself."""
        if self.record.registration_token_digest is not None:
            return "dynamic"
        return "first_party" if self.record.is_first_party else "third_party"

    @property
    def has_secret(self) -> bool:
        """Whether there is a secret to rotate."""
        return self.record.secret_digest is not None

    @property
    def old_secret_until(self) -> object:
        """Until when the secret before this one works; None once it does not."""
        until = self.record.previous_secret_until
        has_old = self.record.previous_secret_digest is not None
        return until if has_old and until and until > utcnow() else None


class ClientPages:
    """``/operations/clients`` and what lies below it."""

    def __init__(self, shell: Shell, clients: Clients) -> None:
        self._shell = shell
        self._clients = clients
        self._database = shell.visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        both = ["GET", "POST"]
        app.add_url_rule(CLIENTS, "operations_clients", self.show_all)
        app.add_url_rule(_ONE, "operations_client", self.show_one, methods=both)
        app.add_url_rule(f"{_ONE}/disable", "operations_disable", self.disable, methods=both)
        app.add_url_rule(f"{_ONE}/secret", "operations_secret", self.rotate, methods=both)

    def show_all(self) -> Response:
        """All of them, oldest first."""
        visit = self._shell.operator()
        with self._database.reading() as tx:
            listed = [_shown(record) for record in self._clients.all(tx)]
        return self._shell.render(
            visit,
            "pages/operations/clients.html",
            current=CLIENTS,
            breadcrumb=[(gettext("menu.operations"), OPERATIONS), (gettext("menu.clients"), None)],
            listed=listed,
        )

    def show_one(self, client_id: str) -> Response:
        """One registration; the button on it switches a disabled one on again."""
        visit = self._shell.operator()
        if request.method == "POST":
            return self._enable(visit, client_id)
        with self._database.reading() as tx:
            one = self._find(tx, client_id)
        return self._render(visit, "client", one, [])

    def _enable(self, visit: SignedInVisit, client_id: str) -> Response:
        with self._database.transaction() as tx:
            one = self._find(tx, client_id)
            self._clients.enable(tx, client_id, by=_as_operator(visit))
        self._clients.changed()
        flash(gettext("clients.enabled", client=one.name), "success")
        return visit.go(one.address)

    def disable(self, client_id: str) -> Response:
        """Ask once more, then refuse the client and all it was given."""
        visit = self._shell.operator()
        with self._database.reading() as tx:
            one = self._find(tx, client_id)
        if request.method == "GET":
            return self._render(visit, "disable_client", one, [gettext("clients.disable")])
        with self._database.transaction() as tx:
            self._clients.disable(tx, client_id, by=_as_operator(visit))
        self._clients.changed()
        flash(gettext("clients.disabled", client=one.name), "success")
        return visit.go(one.address)

    def rotate(self, client_id: str) -> Response:
        """Ask once more, then give a new secret and show it this once."""
        visit = self._shell.operator()
        steps = [gettext("clients.rotate")]
        if request.method == "GET":
            with self._database.reading() as tx:
                one = self._find(tx, client_id)
            if not one.has_secret:
                raise NotFound("client_without_secret", client_id=client_id)
            days = SECRET_OVERLAP // timedelta(days=1)
            return self._render(visit, "rotate_secret", one, steps, days=days)
        with self._database.transaction() as tx:
            rotated = self._clients.rotate_secret(tx, client_id, by=_as_operator(visit))
            one = _shown(rotated.record)
        self._clients.changed()
        # Shown in the answer itself: whatever could carry it to another page would keep it.
        return self._render(visit, "new_secret", one, steps, secret=rotated.client_secret)

    def _find(self, tx: Transaction, client_id: str) -> Shown:
        return _shown(self._clients.get(tx, client_id))

    def _render(
        self, visit: SignedInVisit, name: str, one: Shown, steps: list[str], **context: Any
    ) -> Response:
        lead: list[tuple[str, str | None]] = [
            (gettext("menu.operations"), OPERATIONS),
            (gettext("menu.clients"), CLIENTS),
            (one.name, one.address if steps else None),
        ]
        return self._shell.render(
            visit,
            f"pages/operations/{name}.html",
            current=CLIENTS,
            breadcrumb=[*lead, *((step, None) for step in steps)],
            one=one,
            **context,
        )


def _shown(record: ClientRecord) -> Shown:
    locale = str(get_locale())
    return Shown(record=record, name=name_of(record.client_id, record.client_metadata, locale))


def _as_operator(visit: Visit) -> Actor:
    """The person, acting for the whole system."""
    return replace(visit.actor, kind="operator")
