"""Metadata that lies at an address: fetched once a day, taken by the pinning rules, kept sealed."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select, update

from idp.audit import SYSTEM, Actor, Event, record
from idp.authentication.federation import metadata_mail, recipients
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.models import ConnectionRecord
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import metadata, pinned, pinning, renewal
from idp.authentication.federation.saml.metadata import IdentityProvider
from idp.authentication.federation.saml.models import SamlRefresh
from idp.authentication.federation.saml.partner import Partners
from idp.authentication.federation.saml.pinning import Refresh, Verdict
from idp.authentication.federation.saml.waiting import Waiting, mark
from idp.directory import fields
from idp.directory.unique import insert
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Transaction
from idp.foundation.fetch import Fetcher, FetchError

EVERY = timedelta(days=1)
RETRY = timedelta(minutes=15)
"""How soon an address is asked again that gave nothing."""
log = logging.getLogger(__name__)


class MetadataRefresh:
    """Keeps the metadata of every connection that names an address."""

    def __init__(
        self, database: Database, connections: Connections, partners: Partners, fetcher: Fetcher
    ) -> None:
        self._database = database
        self._connections = connections
        self._partners = partners
        self._fetcher = fetcher

    def tick(self) -> None:
        """Do what is due: ask addresses, renew our own keys; one node at a time does each."""
        now = utcnow()
        with self._database.reading() as tx:
            ids = tx.session.scalars(
                select(ConnectionRecord.id).where(ConnectionRecord.kind == "saml")
            ).all()
            found = [self._connections.by_id(tx, connection_id) for connection_id in ids]
        for connection in found:
            self._renew(connection, now)
            if connection.document["metadata_url"] and self._claims(connection, now):
                # Noted and logged: the pinned document goes on counting.
                with suppress(FederationRefused):
                    self.refresh(connection)

    def asked(self, connection: Connection) -> Connection:
        """The connection after its address, if it has one, was asked; FederationRefused."""
        if not connection.document["metadata_url"]:
            return connection
        self.refresh(connection)
        with self._database.reading() as tx:
            return self._connections.by_id(tx, connection.id)

    def refresh(self, connection: Connection) -> Refresh:
        """Ask the address now; what it gives is taken, or waits for a person, or is refused."""
        try:
            raw = self._fetched(connection)
            fetched = self._partners.read(connection, raw)
            refresh = self._judged(connection, fetched, raw)
        except FederationRefused as refusal:
            self._note(connection, problem=refusal.reason.value)
            log.warning("metadata of %s: %s", connection.path, refusal.reason)
            raise
        with self._database.transaction() as tx:
            if refresh.verdict is Verdict.TAKEN:
                self._take(tx, connection, raw.decode())
            waiting = raw.decode() if refresh.verdict is Verdict.WAITING else None
            self._keep(tx, connection, waiting=waiting)
        if refresh.verdict is Verdict.TAKEN:
            self._connections.changed()
        return refresh

    def waiting(self, tx: Transaction, connection: Connection) -> Waiting | None:
        """What waits for a person, to be compared; None where nothing does."""
        state = tx.session.get(SamlRefresh, connection.id)
        if state is None or state.waiting is None or state.waiting_since is None:
            return None
        # What an address gave does not wait for another one, nor for metadata pasted meanwhile.
        if not connection.document["metadata_url"] or pinned.metadata(connection) is None:
            return None
        return Waiting(
            since=state.waiting_since,
            mark=mark(state.waiting),
            pinned=self._partners.of(connection).theirs,
            given=self._partners.kept(connection, state.waiting),
        )

    def accept(
        self,
        tx: Transaction,
        connection: Connection,
        *,
        by: Actor,
        why: str = "",
        seen: str | None = None,
    ) -> bool:
        """Take what waits, because a person compared it and said so; False if nothing waits.

        ``seen`` is the mark of the document that was compared: another one is not taken for it.
        The caller tells `Connections.changed` after the commit.
        """
        state = tx.session.get(SamlRefresh, connection.id, with_for_update=True)
        found = self.waiting(tx, connection)
        if state is None or state.waiting is None or found is None:
            return False
        if seen is not None and seen != found.mark:
            return False
        self._pin(tx, connection, state.waiting)
        kept = fields.clean({"why": why}, {"why": fields.line})["why"]
        self._record(tx, connection, kept, by=by, event=Event.CONNECTION_METADATA_ACCEPTED)
        state.waiting = state.waiting_since = None
        return True

    def _judged(self, connection: Connection, fetched: IdentityProvider, raw: bytes) -> Refresh:
        """By the pinning rules; the first document of an address is what a person asked for."""
        if pinned.metadata(connection) is None:
            return Refresh(verdict=Verdict.TAKEN, added=fetched.certificates)
        before = self._partners.of(connection).theirs
        return pinning.judge(
            before, fetched, signed_by_pinned=metadata.is_signed_by(raw, before.certificates)
        )

    def _fetched(self, connection: Connection) -> bytes:
        url = connection.document["metadata_url"]
        try:
            fetched = self._fetcher.get(url)
        except FetchError as error:
            received = f"{error.reason} {error.host}"
            raise FederationRefused(Reason.UPSTREAM_UNREACHABLE, received=received) from error
        if fetched.status != 200:
            raise FederationRefused(
                Reason.UPSTREAM_GARBLED, expected="200", received=str(fetched.status)
            )
        return fetched.body

    def _take(self, tx: Transaction, connection: Connection, text: str) -> None:
        self._pin(tx, connection, text)
        self._record(tx, connection, "metadata")

    def _pin(self, tx: Transaction, connection: Connection, text: str) -> None:
        row = tx.session.get_one(ConnectionRecord, connection.id)
        kept = pinned.dumped(connection.document["metadata_url"], text)
        self._connections.keep_secrets(tx, row, {pinned.SECRET: kept})

    def _renew(self, connection: Connection, now: datetime) -> None:
        """Publish or take into use our own next key, where that is due."""
        if not renewal.renewed(connection.secrets, connection.name, now):
            return
        with self._database.transaction() as tx:
            row = tx.session.get_one(ConnectionRecord, connection.id, with_for_update=True)
            # Another node may have been quicker: what is due is asked again under the lock.
            held = self._connections.secrets(row)
            if due := renewal.renewed(held, connection.name, now):
                self._connections.keep_secrets(tx, row, due)
                self._record(tx, connection, "certificate")
        self._connections.changed()

    def _record(
        self,
        tx: Transaction,
        connection: Connection,
        why: str,
        *,
        by: Actor = SYSTEM,
        event: Event = Event.CONNECTION_CHANGED,
    ) -> None:
        record(
            tx,
            event,
            by=by,
            organization_id=connection.organization_id,
            target_id=connection.id,
            name=connection.name,
            version=connection.version,
            why=why,
        )

    def _claims(self, connection: Connection, now: datetime) -> bool:
        """Whether the address is due, and this node is the one to ask it."""
        with self._database.transaction() as tx:
            if insert(tx, SamlRefresh(connection_id=connection.id, next_at=now + RETRY)):
                return True
            claimed = tx.session.execute(
                update(SamlRefresh)
                .where(SamlRefresh.connection_id == connection.id, SamlRefresh.next_at <= now)
                .values(next_at=now + RETRY)
                .returning(SamlRefresh.connection_id)
            )
            return claimed.first() is not None

    def _keep(self, tx: Transaction, connection: Connection, *, waiting: str | None) -> None:
        now, state = utcnow(), self._state(tx, connection)
        state.next_at, state.checked_at, state.problem = now + EVERY, now, None
        if waiting and state.waiting_since is None:
            payload = {"connection": connection.id}
            recipients.tell(tx, metadata_mail.KIND, payload, connection.organization_id)
        state.waiting_since = (state.waiting_since or now) if waiting else None
        state.waiting = waiting

    def _note(self, connection: Connection, *, problem: str) -> None:
        with self._database.transaction() as tx:
            state = self._state(tx, connection)
            state.next_at, state.problem = utcnow() + RETRY, problem

    def _state(self, tx: Transaction, connection: Connection) -> SamlRefresh:
        insert(tx, SamlRefresh(connection_id=connection.id, next_at=utcnow() + RETRY))
        return tx.session.get_one(SamlRefresh, connection.id)
