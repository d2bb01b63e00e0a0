"""What persons have allowed clients: remembered per person and client, taken back by the person.

A client that is our own asks nobody. For any other, what is asked for must have been allowed; a
later request for less asks nothing, one for more asks again (OpenID Connect Core 3.1.2.4).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from idp.audit import Actor, Event, record
from idp.authentication.models import SessionRecord
from idp.authorization import grants
from idp.authorization.models import ConsentRecord, Grant
from idp.authorization.policy import Consent
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction

_OF = (
    ConsentRecord.person_id == bindparam("person"),
    ConsentRecord.client_id == bindparam("client"),
)
_REMEMBERED = Statement(select(ConsentRecord.scope, ConsentRecord.given_at).where(*_OF))
_WIDEN = Statement(
    update(ConsentRecord).where(*_OF).values(scope=bindparam("new"), given_at=bindparam("now"))
)
_BEGIN = Statement(
    insert(ConsentRecord).values(
        person_id=bindparam("person"),
        client_id=bindparam("client"),
        scope=bindparam("new"),
        given_at=bindparam("now"),
        begun_at=bindparam("now"),
    )
)
_FORGET = Statement(delete(ConsentRecord).where(*_OF))
_ALL = Statement(
    select(
        ConsentRecord.client_id,
        ConsentRecord.scope,
        ConsentRecord.begun_at.label("since"),
    ).where(ConsentRecord.person_id == bindparam("person"))
)
_ALIVE = (
    Grant.person_id == bindparam("person"),
    Grant.revoked_at.is_(None),
    Grant.code_used_at.is_not(None),
    Grant.expires_at > bindparam("now"),
)
_USED = Statement(
    select(
        Grant.client_id,
        Grant.scope,
        func.min(Grant.issued_at).label("since"),
    )
    .join(SessionRecord, SessionRecord.id == Grant.session_id)
    .where(
        *_ALIVE,
        SessionRecord.ended_at.is_(None),
        or_(SessionRecord.expires_at > bindparam("now"), Grant.scope.contains("offline_access")),
    )
    .group_by(Grant.client_id, Grant.scope)
)
_GRANTS = Statement(
    select(Grant.id).where(
        Grant.person_id == bindparam("person"),
        Grant.client_id == bindparam("client"),
        Grant.revoked_at.is_(None),
    )
)


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A client that has access in a person's name, or was allowed to have it."""

    client_id: str
    scope: frozenset[str]
    since: datetime


def remembered(tx: Transaction, person_id: str, client_id: str) -> Consent | None:
    """What the person has allowed the client; None if nothing."""
    row = tx.first(_REMEMBERED, person=person_id, client=client_id)
    return Consent(scope=frozenset(row.scope.split()), given_at=row.given_at) if row else None


def allow(
    tx: Transaction, person_id: str, client_id: str, scope: frozenset[str], *, by: Actor
) -> None:
    """Remember that the person allows ``scope``, besides what they allowed before."""
    before = remembered(tx, person_id, client_id)
    whole = scope | (before.scope if before else frozenset())
    values = {"person": person_id, "client": client_id, "new": " ".join(sorted(whole))}
    tx.run(_WIDEN if before else _BEGIN, now=utcnow(), **values)
    record(
        tx,
        Event.CONSENT_GIVEN,
        by=by,
        target_id=person_id,
        client=client_id,
        scope=" ".join(sorted(scope)),
    )


def refuse(tx: Transaction, person_id: str, client_id: str, *, by: Actor) -> None:
    """Note that the person said no; what they allowed before stays allowed."""
    record(tx, Event.CONSENT_REFUSED, by=by, target_id=person_id, client=client_id)


def take_back(tx: Transaction, person_id: str, client_id: str, *, by: Actor) -> None:
    """Forget what the person allowed the client, and revoke what it was given."""
    tx.run(_FORGET, person=person_id, client=client_id)
    for row in tx.all(_GRANTS, person=person_id, client=client_id):
        grants.revoke(tx, row.id, event=Event.GRANT_REVOKED, by=by)
    record(tx, Event.CONSENT_REVOKED, by=by, target_id=person_id, client=client_id)


def connected(tx: Transaction, person_id: str) -> list[Connected]:
    """The clients that were allowed something, and those that hold tokens now; newest first."""
    rows = [*tx.all(_ALL, person=person_id), *tx.all(_USED, person=person_id, now=utcnow())]
    found: dict[str, Connected] = {}
    for row in rows:
        found[row.client_id] = _joined(found.get(row.client_id), row)
    return sorted(found.values(), key=lambda each: each.since, reverse=True)


def _joined(known: Connected | None, row: Any) -> Connected:
    scope = frozenset(row.scope.split())
    return Connected(
        client_id=row.client_id,
        scope=scope | known.scope if known else scope,
        since=min(row.since, known.since) if known else row.since,
    )
