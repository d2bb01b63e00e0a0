"""The way out and back, once for every protocol: attempts, arrival, session, what is noted of it.

Between a browser's departure and its return nothing of it is trusted but the attempt's row, which
is bound to the browser and spent before anything else is asked.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from idp.audit import Actor, Event, record
from idp.authentication.federation import (
    approvals,
    arrivals,
    attempts,
    provisioning,
    upstream_sessions,
)
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import Attempt, Departure, ExternalIdentity, Upstream
from idp.authentication.federation.provisioning import Arrived, LeaveNeeded
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.session import Authentication, Session
from idp.authentication.sessions import Sessions
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_id

METHOD = "fed"
"""The ``amr`` of a sign-in that a connection vouches for."""
_CHEAP = frozenset(
    (
        *(Reason.CONNECTION_DISABLED, Reason.ORGANIZATION_SUSPENDED, Reason.TOO_MANY_TRIES),
        *(Reason.ATTEMPT_UNKNOWN, Reason.ATTEMPT_USED, Reason.ATTEMPT_EXPIRED),
        Reason.OTHER_BROWSER,
    )
)
"""What a stranger can bring about at will; few of these are kept, lest they push out the others."""
_MOST_CHEAP = 30
ANSWERS: Mapping[str, str] = {"oidc": "callback", "saml": "acs", "kerberos": "negotiate"}
"""Under a connection's path, where its kind's answers come."""
log = logging.getLogger(__name__)


class Journeys:
    """Journeys through the connections of one deployment."""

    def __init__(self, parts: Parts, sessions: Sessions, upstreams: Mapping[str, Upstream]) -> None:
        self._parts = parts
        self._sessions = sessions
        self._upstreams = upstreams

    def depart(
        self,
        connection: Connection,
        *,
        browser: str,
        purpose: str,
        sealed_request: str | None,
        wishes: Mapping[str, Any],
    ) -> Departure:
        """Where the browser goes; ``wishes`` are `Attempt`'s fresh, login_hint and the like."""
        attempt = self._attempt(connection, wishes)
        departure = self._upstream(connection).begin(connection, attempt)
        with self._parts.database.transaction() as tx:
            attempts.begin(
                tx,
                self._parts.keyring,
                attempt_id=attempt.id,
                connection_id=connection.id,
                browser=browser,
                purpose=purpose,
                sealed_request=sealed_request,
                kept=departure.kept,
            )
        return departure

    def rehearse(self, connection: Connection) -> Departure:
        """Where a browser would go; nobody does."""
        return self._upstream(connection).begin(connection, self._attempt(connection, {}))

    def redirect_uri(self, connection: Connection) -> str:
        """Where the connection's answers come (contract, "Connections")."""
        return f"{self._parts.settings.issuer}{connection.path}/{ANSWERS[connection.kind]}"

    def find(self, attempt_id: str) -> Any:
        """The attempt's row, spent or not; None."""
        with self._parts.database.reading() as tx:
            return attempts.find(tx, attempt_id)

    def take(self, row: Any, connection: Connection, browser: str | None) -> None:
        """Spend the attempt, in the browser that set out."""
        attempts.require_open(row, connection.id)
        attempts.require_browser(row, browser)
        with self._parts.database.transaction() as tx:
            attempts.spend(tx, row)

    def receive(
        self, connection: Connection, answer: Mapping[str, str], row: Any
    ) -> ExternalIdentity:
        """The identity in the answer; ``row`` None: nobody asked for it."""
        attempt = None
        if row is not None:
            attempt = Attempt(
                id=row.id,
                redirect_uri=self.redirect_uri(connection),
                begun_at=row.begun_at,
                kept=attempts.kept(self._parts.keyring, row),
            )
        return self._upstream(connection).receive(connection, answer, attempt)

    def park(self, row: Any, identity: ExternalIdentity) -> str:
        """Let a posted answer wait for its browser's GET; the one-time handle."""
        with self._parts.database.transaction() as tx:
            attempts.spend_answer(tx, identity)
            return attempts.park(tx, self._parts.keyring, row, identity)

    def park_unasked(self, identity: ExternalIdentity) -> str:
        """Let an answer that nobody asked for wait for the GET after it; the one-time handle."""
        with self._parts.database.transaction() as tx:
            attempts.spend_answer(tx, identity)
            return attempts.park_unasked(tx, self._parts.keyring, identity)

    def hold(self, row: Any, identity: ExternalIdentity) -> str:
        """Let an answer that counted wait for the proof it needs; the one-time handle."""
        with self._parts.database.transaction() as tx:
            return attempts.hold(tx, self._parts.keyring, row, identity)

    def parked(self, handle: str) -> Any:
        """The row of the attempt that waits under ``handle``; None."""
        with self._parts.database.reading() as tx:
            return attempts.parked(tx, handle)

    def collect(self, row: Any, handle: str, *, within: timedelta) -> ExternalIdentity:
        """The identity that waits, this once."""
        with self._parts.database.transaction() as tx:
            return attempts.collect(tx, self._parts.keyring, row, handle, within=within)

    def seal_refusal(self, row: Any, refusal: FederationRefused) -> str:
        """Why a posted answer was refused, for the GET that tells its browser so."""
        return attempts.seal_refusal(self._parts.keyring, row.id if row else "", refusal)

    def refusal(self, sealed: str) -> tuple[Any, FederationRefused]:
        """The attempt's row, if there is one, and why."""
        attempt_id, refusal = attempts.refusal(self._parts.keyring, sealed)
        return self.find(attempt_id), refusal

    def arrive(
        self,
        connection: Connection,
        identity: ExternalIdentity,
        *,
        present: Session | None,
        by: Actor,
        user_agent: str,
        proved: str | None = None,
    ) -> tuple[str, Arrived]:
        """Person, membership, link and session in one transaction; the session's secret."""
        shape = arrivals.shape(self._parts.keyring, connection.id, identity.attributes)
        with self._parts.database.transaction() as tx:
            arrived = provisioning.arrive(tx, connection, identity, by=by, proved=proved)
            _require_own(identity, arrived, present)
            secret = self._begin(tx, connection, identity, arrived, present, by, user_agent)
            arrivals.note(tx, connection.id, reference=by.reference, attributes=shape)
        return secret, arrived

    def note_refusal(
        self,
        connection: Connection,
        refusal: FederationRefused,
        identity: ExternalIdentity | None,
        *,
        by: Actor,
    ) -> None:
        """Keep what came of a refused arrival, and what a main user may allow."""
        log.info("arrival %s at %s: %s", by.reference, connection.path, refusal.reason)
        if refusal.reason in _CHEAP and self._is_enough(connection):
            return
        shape = identity.attributes if identity else {}
        with self._parts.database.transaction() as tx:
            arrivals.note(
                tx,
                connection.id,
                reference=by.reference,
                attributes=arrivals.shape(self._parts.keyring, connection.id, shape),
                refusal=refusal,
            )
            record(
                tx,
                Event.ARRIVAL_REFUSED,
                by=by,
                organization_id=connection.organization_id,
                connection=connection.id,
                reason=refusal.reason.value,
            )
            if isinstance(refusal, LeaveNeeded) and identity:
                approvals.ask(
                    tx,
                    connection,
                    identity.subject,
                    refusal.person_id,
                    reason=refusal.reason.value,
                    reference=by.reference,
                )

    def _begin(
        self,
        tx: Transaction,
        connection: Connection,
        identity: ExternalIdentity,
        arrived: Arrived,
        present: Session | None,
        by: Actor,
        user_agent: str,
    ) -> str:
        secret = self._sessions.begin_or_renew(
            tx,
            present,
            arrived.person_id,
            Authentication(
                method=METHOD,
                auth_time=identity.auth_time,
                connection=connection.id,
                organization=connection.organization_id,
            ),
            by=by,
            user_agent=user_agent,
            upstream=identity.methods,
        )
        upstream_sessions.begin(
            tx,
            self._parts.keyring,
            connection,
            identity,
            secret=secret,
            is_renewed=present is not None and present.person_id == arrived.person_id,
        )
        return secret

    def _attempt(self, connection: Connection, wishes: Mapping[str, Any]) -> Attempt:
        return Attempt(
            id=random_id(),
            redirect_uri=self.redirect_uri(connection),
            begun_at=utcnow(),
            **wishes,
        )

    def _upstream(self, connection: Connection) -> Upstream:
        upstream = self._upstreams.get(connection.kind)
        if upstream is None:
            raise FederationRefused(Reason.CONNECTION_DISABLED, field="kind")
        return upstream

    def _is_enough(self, connection: Connection) -> bool:
        key = f"cheap refusals:{connection.id}"
        return self._parts.ephemeral.increment(key, timedelta(hours=1)) > _MOST_CHEAP


def _require_own(identity: ExternalIdentity, arrived: Arrived, present: Session | None) -> None:
    """An answer that nobody asked for takes no session away: it may be another's, slipped in."""
    if not identity.is_solicited and present and present.person_id != arrived.person_id:
        raise FederationRefused(Reason.SAML_NEEDS_REQUEST, field="session")
