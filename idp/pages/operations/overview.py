"""The state of the service at a glance: its parts, what waits, the keys, the clients."""

from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authorization.logout_deliveries import Deliveries, deliveries
from idp.clients.registry import Clients
from idp.foundation.clock import utcnow
from idp.pages.menu import OPERATIONS, STATE
from idp.pages.shell import Shell
from idp.pages.state import state
from idp.signing.ring import RingKey, SigningKeys


@dataclass(frozen=True, kw_only=True)
class ShownKey:
    """A signing key and where in its life it is: ``next``, ``active`` or ``retired``."""

    key: RingKey
    stage: str


@dataclass(frozen=True, kw_only=True)
class ShownClient:
    """A registered client as the list shows it."""

    client_id: str
    name: str
    auth_method: str
    is_disabled: bool
    logouts: Deliveries | None
    """How telling it of sign-outs went; None where it takes no logouts, or none was due."""


class Overview:
    """``/operations/state``."""

    def __init__(self, shell: Shell, clients: Clients, signing_keys: SigningKeys) -> None:
        self._shell = shell
        self._parts = shell.visits.parts
        self._clients = clients
        self._signing_keys = signing_keys

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(STATE, "operations_state", self.overview)

    def overview(self) -> Response:
        """Everything at a glance; nothing is changed here."""
        visit = self._shell.operator()
        return self._shell.render(
            visit,
            "pages/operations/state.html",
            current=STATE,
            breadcrumb=[(gettext("menu.operations"), OPERATIONS), (gettext("menu.state"), None)],
            found=state(self._parts, self._signing_keys),
            keys=self._keys(),
            clients=self._registered(),
        )

    def _keys(self) -> list[ShownKey]:
        ring, now = self._signing_keys.ring(), utcnow()
        return [ShownKey(key=key, stage=ring.stage(key, now)) for key in ring.keys]

    def _registered(self) -> list[ShownClient]:
        with self._parts.database.reading() as tx:
            records = self._clients.all(tx)
            logouts = deliveries(tx)
        return [
            ShownClient(
                client_id=each.client_id,
                name=each.client_metadata.get("client_name") or each.client_id,
                auth_method=each.client_metadata["token_endpoint_auth_method"],
                is_disabled=each.disabled_at is not None,
                logouts=logouts.get(each.client_id),
            )
            for each in records
        ]
