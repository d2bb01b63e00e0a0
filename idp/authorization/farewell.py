"""What ended with a session and what goes on, for the page that says so (M15).

Each relying party that the session gave tokens to is told in the way it registered: its server by
the outbox (back-channel), its page in this browser (front-channel); how far that is, the outbox
knows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select

from idp.authentication.federation.models import UpstreamSession
from idp.authentication.models import SessionRecord
from idp.authorization import backchannel
from idp.authorization.models import Grant
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.directory.models import Organization
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.outbox_models import OutboxItem
from idp.foundation.sealed import KeyRing, Unopenable

KEPT = timedelta(hours=1)
"""How long the page tells what ended; after that it only says that nobody is signed in."""
_PURPOSE = "farewell"


class State(StrEnum):
    """How far a relying party's own signing out is."""

    ASKED = "asked"
    """It began this itself."""
    TOLD = "told"
    """Its server has confirmed."""
    TELLING = "telling"
    """Its server is being told, or its page is, in this browser."""
    SILENT = "silent"
    """Its server was told and did not confirm."""
    UNTOLD = "untold"
    """It has no way to be told: its session ends by itself."""


@dataclass(frozen=True, kw_only=True)
class Farewell:
    """A session that ended in this browser: whose request ended it, where to go on to."""

    session_id: str
    client_id: str | None
    onward: str | None

    def seal(self, keyring: KeyRing, browser: str) -> str:
        """The text the browser carries to the page; only the same browser can open it."""
        value = {
            "session": self.session_id,
            "client": self.client_id,
            "onward": self.onward,
            "at": utcnow().timestamp(),
        }
        return keyring.seal_json(_PURPOSE, value, browser)


def unseal(keyring: KeyRing, text: str, browser: str) -> Farewell | None:
    """What ended; None if it is old, another browser's, or not ours."""
    try:
        value = keyring.unseal_json(_PURPOSE, text, browser)
    except Unopenable:
        return None
    if utcnow() - datetime.fromtimestamp(value["at"], UTC) > KEPT:
        return None
    return Farewell(session_id=value["session"], client_id=value["client"], onward=value["onward"])


@dataclass(frozen=True, kw_only=True)
class RelyingParty:
    """One that the session gave tokens to."""

    client: Client
    state: State
    frame: str | None
    """Its page that signs it out in this browser (Front-Channel Logout 1.0 section 2)."""

    @property
    def origin(self) -> str:
        """The frame's origin, to be named in our page's policy."""
        parts = urlsplit(self.frame or "")
        return f"{parts.scheme}://{parts.netloc}"


def relying_parties(
    tx: Transaction, clients: Clients, farewell: Farewell, issuer: str
) -> list[RelyingParty]:
    """Those that got tokens in the session, by their registration's names."""
    session_id = farewell.session_id
    given = (
        select(Grant.client_id)
        .where(Grant.session_id == session_id, Grant.code_used_at.is_not(None))
        .distinct()
    )
    found = filter(None, (clients.find(client_id) for client_id in tx.session.scalars(given)))
    delivered = _deliveries(tx, session_id)
    return [
        RelyingParty(
            client=client,
            state=_state(client, farewell, delivered.get(client.client_id)),
            frame=_frame(client, issuer, session_id),
        )
        for client in found
    ]


def gives_front_channel(parties: Iterable[RelyingParty]) -> bool:
    """Whether the browser has pages to load before it goes on."""
    return any(party.frame for party in parties)


def organizations_that_go_on(tx: Transaction, session_id: str) -> list[str]:
    """The names of the organizations whose own sign-in vouched in the session, and still would."""
    record = tx.session.get(SessionRecord, session_id)
    proofs = record.authentications if record else []
    ended = set(
        tx.session.scalars(
            select(UpstreamSession.connection_id).where(
                UpstreamSession.session_id == session_id, UpstreamSession.ended_at.is_not(None)
            )
        )
    )
    vouching = {
        proof["organization"] for proof in proofs if proof["connection"] not in {None, "", *ended}
    }
    named = select(Organization.name).where(Organization.id.in_(vouching))
    return sorted(tx.session.scalars(named))


def _deliveries(tx: Transaction, session_id: str) -> dict[str, OutboxItem]:
    """The logout under way to each client, of this session."""
    of_person = (
        select(SessionRecord.person_id).where(SessionRecord.id == session_id).scalar_subquery()
    )
    items = tx.session.scalars(
        select(OutboxItem).where(
            OutboxItem.kind == backchannel.KIND, OutboxItem.person_id == of_person
        )
    )
    return {item.payload["client_id"]: item for item in items if item.payload["sid"] == session_id}


def _state(client: Client, farewell: Farewell, item: OutboxItem | None) -> State:
    if item and item.state == "sent":
        return State.TOLD
    if client.client_id == farewell.client_id:
        return State.ASKED
    if item and (item.problem or item.state != "queued"):
        return State.SILENT
    if item or client.metadata.get("backchannel_logout_uri") or _front_channel(client):
        return State.TELLING
    return State.UNTOLD


def _front_channel(client: Client) -> str | None:
    address: str | None = client.metadata.get("frontchannel_logout_uri")
    return address


def _frame(client: Client, issuer: str, session_id: str) -> str | None:
    """The registered address, saying who we are and which session it is."""
    address = _front_channel(client)
    if address is None:
        return None
    said = urlencode({"iss": issuer, "sid": session_id})
    return f"{address}{'&' if urlsplit(address).query else '?'}{said}"
