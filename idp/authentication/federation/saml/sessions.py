"""Single logout and our sessions: which of them a logout is about."""

from typing import Any

from sqlalchemy import select, update

from idp.audit import Actor
from idp.authentication.federation.models import SpentAnswer, UpstreamSession
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml.assertion import NameId
from idp.authentication.federation.saml.logout import LogoutRequest
from idp.authentication.sessions import Sessions
from idp.directory.unique import insert
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction


def spend(tx: Transaction, connection_id: str, request: LogoutRequest) -> None:
    """Let a request count this once; REPLAYED."""
    kept = SpentAnswer(
        connection_id=connection_id, id=f"logout {request.id}"[:300], expires_at=request.until
    )
    if not insert(tx, kept):
        raise FederationRefused(Reason.REPLAYED)


def end(
    tx: Transaction,
    sessions: Sessions,
    connection_id: str,
    request: LogoutRequest,
    *,
    by: Actor,
) -> int:
    """End the sessions a request is about, here and at every relying party of ours; how many.

    Those of its session indexes, or all of the person's where it names none (core 3.7.1).
    """
    asked = select(UpstreamSession).where(
        UpstreamSession.connection_id == connection_id,
        UpstreamSession.ended_at.is_(None),
        UpstreamSession.name_id["value"].as_string() == request.name_id.value,
    )
    if request.session_indexes:
        asked = asked.where(UpstreamSession.sid.in_(request.session_indexes))
    rows = [row for row in tx.session.scalars(asked) if _is_same(row.name_id, request.name_id)]
    for row in rows:
        row.ended_at = utcnow()
        sessions.end(tx, row.session_id, by=by, why="signed_out_upstream")
    return len(rows)


def leaving(tx: Transaction, session_id: str, connection_id: str) -> UpstreamSession | None:
    """What our session owes to the connection, if there is a NameID to sign out there by."""
    row = tx.session.get(UpstreamSession, (session_id, connection_id))
    return row if row is not None and row.name_id else None


def left(tx: Transaction, session_id: str, connection_id: str) -> None:
    """The upstream said that its session has ended."""
    tx.session.execute(
        update(UpstreamSession)
        .where(
            UpstreamSession.session_id == session_id,
            UpstreamSession.connection_id == connection_id,
            UpstreamSession.ended_at.is_(None),
        )
        .values(ended_at=utcnow())
    )


def name_id(kept: dict[str, Any]) -> NameId:
    """A NameID as it was kept."""
    return NameId(**kept)


def _is_same(kept: dict[str, Any] | None, asked: NameId) -> bool:
    """Whether two NameIDs name one person; a qualifier left out is the obvious one."""
    if kept is None:
        return False
    ours = name_id(kept)
    pairs = (
        (ours.name_qualifier, asked.name_qualifier),
        (ours.sp_name_qualifier, asked.sp_name_qualifier),
    )
    return (
        ours.value == asked.value
        and ours.format == asked.format
        and all(one == other or None in (one, other) for one, other in pairs)
    )
