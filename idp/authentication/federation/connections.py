"""The connections of every organization: made, changed, switched on and off, and looked up.

A change writes connection, version and audit record in one transaction; whoever makes it calls
``changed()`` after the commit. How they are looked up on the hot ways is `lookup`'s.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from idp.audit import Actor, Event, record
from idp.authentication.federation import document as documents
from idp.authentication.federation import sources
from idp.authentication.federation.document import Document
from idp.authentication.federation.lookup import Lookup
from idp.authentication.federation.models import ConnectionRecord, ConnectionVersion
from idp.authentication.federation.policy import Policy
from idp.directory import fields
from idp.directory.models import Organization
from idp.directory.unique import insert
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

MOST = 20
"""Connections of one organization."""


class Connections(Lookup):
    """The connections of one deployment: looked up, and administered."""

    def get(self, tx: Transaction, organization_id: str, name: str) -> ConnectionRecord:
        """The organization's connection of that name; NotFound."""
        row = tx.session.scalar(
            select(ConnectionRecord).where(
                ConnectionRecord.organization_id == organization_id, ConnectionRecord.name == name
            )
        )
        if row is None:
            raise NotFound("no_such_connection")
        return row

    def all(self, tx: Transaction, organization_id: str) -> Sequence[ConnectionRecord]:
        """Every connection of the organization, the default first."""
        return tx.session.scalars(
            select(ConnectionRecord)
            .where(ConnectionRecord.organization_id == organization_id)
            .order_by(ConnectionRecord.is_default.desc(), ConnectionRecord.name)
        ).all()

    def create(
        self,
        tx: Transaction,
        organization: Organization,
        given: object,
        *,
        by: Actor,
        secrets: Mapping[str, str] | None = None,
    ) -> ConnectionRecord:
        """A new connection, switched off; the organization's first is its default.

        ``secrets`` of our own (keys we made for it) are sealed beside those of the document.
        Invalid with the code of every key that is wrong.
        """
        checked = documents.read(given)
        others = self.all(tx, organization.id)
        if len(others) >= MOST:
            raise Invalid({"name": "too_many_connections"}, "connection_document")
        connection_id = random_id()
        held = _complete(checked, {**checked.secrets(), **(secrets or {})})
        row = ConnectionRecord(
            id=connection_id,
            organization_id=organization.id,
            name=checked.name,
            kind=checked.kind,
            product=checked.product,
            document=checked.stored(),
            sealed_secrets=self._seal(connection_id, held),
            is_default=not others,
            version=1,
            created_at=utcnow(),
            enabled_at=None,
            piloted_at=None,
            disabled_at=None,
        )
        if not insert(tx, row):
            raise Invalid({"name": "connection_name_taken"}, "connection_document")
        self._note(tx, row, Event.CONNECTION_CREATED, by=by, why="")
        return row

    def update(
        self,
        tx: Transaction,
        organization_id: str,
        name: str,
        given: object,
        *,
        by: Actor,
        why: str,
    ) -> ConnectionRecord:
        """Change a connection's document; a secret it leaves out stays, its kind and name too."""
        row, checked = self.get(tx, organization_id, name), documents.read(given)
        _require_same(row, checked)
        held = _complete(checked, {**self.secrets(row), **checked.secrets()})
        before, row.product, row.document = row.document, checked.product, checked.stored()
        sources.rename(tx, row, documents.title(before), documents.title(row.document))
        row.sealed_secrets = self._seal(row.id, held)
        self._note(tx, row, Event.CONNECTION_CHANGED, by=by, why=why)
        return row

    def keep_secrets(
        self, tx: Transaction, row: ConnectionRecord, secrets: Mapping[str, str]
    ) -> None:
        """Seal more secrets of our own into the connection; the caller records the deed."""
        row.sealed_secrets = self._seal(row.id, {**self.secrets(row), **secrets})
        tx.flush()

    def enable(self, tx: Transaction, row: ConnectionRecord, *, by: Actor, why: str = "") -> None:
        """Let people arrive through it; the organization uses single sign-on from now on."""
        if row.enabled_at is None:
            row.enabled_at, row.disabled_at = utcnow(), None
            row.document = _with_pilot(row.document, ())
            self._note(tx, row, Event.CONNECTION_ENABLED, by=by, why=why)
            self._settle(tx, row.organization_id)

    def disable(self, tx: Transaction, row: ConnectionRecord, *, by: Actor, why: str = "") -> None:
        """Shut it, and all that was begun through it, at once."""
        if row.enabled_at is not None:
            row.enabled_at, row.disabled_at = None, utcnow()
            row.document = _with_pilot(row.document, ())
            self._note(tx, row, Event.CONNECTION_DISABLED, by=by, why=why)
            self._settle(tx, row.organization_id)

    def pilot(
        self, tx: Transaction, row: ConnectionRecord, usernames: Sequence[str], *, by: Actor
    ) -> None:
        """Let these usernames alone arrive while it is not on for everybody; none ends that."""
        Policy.model_validate({**row.document["policy"], "pilot": list(usernames)})
        row.document = _with_pilot(row.document, usernames)
        self._note(tx, row, Event.CONNECTION_CHANGED, by=by, why="pilot")

    def make_default(self, tx: Transaction, row: ConnectionRecord, *, by: Actor) -> None:
        """Let the organization's SSO link lead here."""
        if not row.is_default:
            tx.session.execute(
                update(ConnectionRecord)
                .where(ConnectionRecord.organization_id == row.organization_id)
                .values(is_default=False)
            )
            row.is_default = True
            self._note(tx, row, Event.CONNECTION_CHANGED, by=by, why="default")

    def versions(self, tx: Transaction, row: ConnectionRecord) -> Sequence[ConnectionVersion]:
        """How the connection came to be as it is, the newest version first."""
        return tx.session.scalars(
            select(ConnectionVersion)
            .where(ConnectionVersion.connection_id == row.id)
            .order_by(ConnectionVersion.version.desc())
        ).all()

    def _settle(self, tx: Transaction, organization_id: str) -> None:
        """The organization uses single sign-on while one of its connections is switched on."""
        tx.flush()
        on = select(ConnectionRecord.id).where(
            ConnectionRecord.organization_id == organization_id,
            ConnectionRecord.enabled_at.is_not(None),
        )
        organization = tx.session.get_one(Organization, organization_id)
        organization.uses_sso = tx.session.scalar(on.limit(1)) is not None

    def _note(
        self, tx: Transaction, row: ConnectionRecord, event: Event, *, by: Actor, why: str
    ) -> None:
        """The version and the record that belong to a change."""
        kept = fields.clean({"why": why}, {"why": fields.line})["why"]
        is_piloted = row.enabled_at is None and bool(row.document["policy"].get("pilot"))
        row.piloted_at = (row.piloted_at or utcnow()) if is_piloted else None
        row.version = row.version if event is Event.CONNECTION_CREATED else row.version + 1
        tx.session.add(
            ConnectionVersion(
                connection_id=row.id,
                version=row.version,
                document=row.document,
                is_enabled=row.enabled_at is not None,
                changed_by=f"{by.kind}:{by.id or ''}",
                reason=kept,
                changed_at=utcnow(),
            )
        )
        tx.flush()
        record(
            tx,
            event,
            by=by,
            organization_id=row.organization_id,
            target_id=row.id,
            name=row.name,
            version=row.version,
            why=kept,
        )


def _with_pilot(document: Mapping[str, Any], usernames: Sequence[str]) -> dict[str, Any]:
    """The document with this pilot group."""
    return {**document, "policy": {**document["policy"], "pilot": list(usernames)}}


def _require_same(row: ConnectionRecord, checked: Document) -> None:
    """A connection's kind and name stand in addresses that others hold."""
    changed = {
        key: "fixed_field" for key in ("kind", "name") if getattr(row, key) != getattr(checked, key)
    }
    if changed:
        raise Invalid(changed, "connection_document")


def _complete(checked: Document, held: Mapping[str, str]) -> dict[str, str]:
    """The secrets held, and those of our own that are still to be made; Invalid where one lacks."""
    if missing := [name for name in checked.needs() if name not in held]:
        raise Invalid(dict.fromkeys(missing, "required"), "connection_document")
    return {**{name: make() for name, make in checked.made().items() if name not in held}, **held}
