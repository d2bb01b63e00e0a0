"""One connection of the organization at hand, and in which state it is."""

from dataclasses import dataclass
from enum import StrEnum

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.models import ConnectionRecord
from idp.foundation.database import Transaction
from idp.pages.connection.entrance import Desk, Entrance


class State(StrEnum):
    """How far a connection is; ``connection.state.<value>`` says it."""

    DRAFT = "draft"
    PILOT = "pilot"
    ON = "on"
    OFF = "off"

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        tones = {"draft": "neutral", "pilot": "info", "on": "success", "off": "warning"}
        return tones[self.value]


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A connection as its row keeps it and as the ways in see it."""

    row: ConnectionRecord
    connection: Connection

    @property
    def title(self) -> str:
        """What it is called."""
        return self.connection.title

    @property
    def state(self) -> State:
        """Where it stands."""
        return state(self.row)


def state(row: ConnectionRecord) -> State:
    """Where a connection stands."""
    if row.enabled_at is not None:
        return State.ON
    if row.document["policy"].get("pilot"):
        return State.PILOT
    return State.OFF if row.disabled_at is not None else State.DRAFT


def reach(entrance: Entrance, desk: Desk, tx: Transaction, name: str) -> Reached:
    """The organization's connection of that name; NotFound for all others, existing or not."""
    row = entrance.connections.get(tx, desk.organization.id, name)
    return Reached(row=row, connection=entrance.connections.by_id(tx, row.id))
