"""Back-channel logout 1.0: relying parties are told what ended, from the audit log's stream.

The consumer follows the log and puts one item a relying party into the outbox; the handler sends
it. Nothing is sent inside a request, and nothing that committed is forgotten.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from idp.audit import SYSTEM, AuditRecord, Event, record
from idp.authentication.sessions import Sessions
from idp.authorization import grants
from idp.authorization.models import Grant
from idp.clients.registry import Clients
from idp.config import Settings
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.fetch import Fetcher, FetchError
from idp.foundation.secrets import random_id
from idp.signing.jwt import sign
from idp.signing.ring import SigningKeys

CONSUMER = "back-channel logout"
KIND = "backchannel_logout"
PATIENCE = timedelta(hours=1)
"""How long a relying party that does not answer is tried; its own sessions end by themselves."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_VALID_FOR = 120
"""Seconds a logout token is valid (section 2.4 recommends at most two minutes)."""

_LEFT = {
    Event.MEMBERSHIP_LOCKED.value,
    Event.MEMBERSHIP_REMOVED.value,
}


class BackchannelLogout:
    """Follows the log and tells the relying parties."""

    def __init__(
        self,
        settings: Settings,
        clients: Clients,
        sessions: Sessions,
        signing_keys: SigningKeys,
        fetcher: Fetcher,
    ) -> None:
        self._issuer = settings.issuer
        self._clients = clients
        self._sessions = sessions
        self._signing_keys = signing_keys
        self._fetcher = fetcher

    def follow(self, tx: Transaction, deed: AuditRecord) -> None:
        """What one committed deed means for relying parties; called once for each, in order."""
        if deed.event == Event.SESSION_ENDED.value:
            self._tell(tx, Grant.session_id == deed.detail["session"])
        elif deed.event == Event.PERSON_LOCKED.value and deed.target_id:
            self._sessions.end_all(tx, deed.target_id, by=SYSTEM, why="person_locked")
        elif deed.event in _LEFT:
            self._tell(
                tx,
                Grant.person_id == deed.target_id,
                Grant.organization_id == deed.organization_id,
            )
        elif deed.event == Event.ORGANIZATION_SUSPENDED.value:
            self._tell(tx, Grant.organization_id == deed.organization_id)

    def _tell(self, tx: Transaction, *whose: Any) -> None:
        """Revoke what still lives, and put one logout a client and session into the outbox.

        A client that gave its own tokens back may still keep a session, so it is told too.
        """
        redeemed = tx.session.scalars(select(Grant).where(*whose, Grant.code_used_at.is_not(None)))
        told = {(grant.client_id, grant.session_id): grant for grant in redeemed}
        for grant_id in tx.session.scalars(select(Grant.id).where(*whose)).all():
            grants.revoke(tx, grant_id, event=Event.GRANT_REVOKED, by=SYSTEM)
        for (client_id, session_id), grant in told.items():
            client = self._clients.find(client_id)
            if client and client.metadata.get("backchannel_logout_uri"):
                outbox.put(
                    tx,
                    KIND,
                    {"client_id": client_id, "sid": session_id, "sub": grant.person_id},
                    lane=client_id,
                    person_id=grant.person_id,
                    organization_id=grant.organization_id,
                )

    def send(self, item: outbox.Item) -> outbox.FollowUp | None:
        """Post the logout token; how it went is recorded when the item leaves the outbox."""
        client = self._clients.find(item.payload["client_id"])
        address = client.metadata.get("backchannel_logout_uri") if client else None
        if client is None or address is None:
            raise outbox.GivenUp("the relying party is disabled or takes no logouts any more")
        try:
            answer = self._fetcher.post(
                address,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=f"logout_token={self.logout_token(client, item.payload)}".encode(),
            )
        except FetchError as error:
            raise _retry(item, str(error)) from error
        if answer.status not in (200, 204):
            raise _retry(item, f"the relying party answered {answer.status}")
        return _recorded(item, Event.LOGOUT_DELIVERED)

    def logout_token(self, client: Any, payload: dict[str, Any]) -> str:
        """The logout token (section 2.4): one event, a ``jti``, never a ``nonce``."""
        now = int(utcnow().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + _VALID_FOR,
            "jti": random_id(),
            "sub": client.subject(payload["sub"]),
            "sid": payload["sid"],
            "events": {LOGOUT_EVENT: {}},
        }
        key = self._signing_keys.active(client.id_token_alg)
        return sign(claims, key, typ="logout+jwt")


def _retry(item: outbox.Item, problem: str) -> outbox.Retry:
    return outbox.Retry(problem, follow_up=_recorded(item, Event.LOGOUT_FAILED))


def _recorded(item: outbox.Item, event: Event) -> outbox.FollowUp:
    def follow_up(tx: Transaction) -> None:
        record(
            tx,
            event,
            by=SYSTEM,
            organization_id=item.organization_id,
            target_id=item.payload["sub"],
            client=item.payload["client_id"],
            session=item.payload["sid"],
        )

    return follow_up
