"""In SQL: whether a connection still vouches, asked wherever a session or a grant is used.

A connection that is switched off, or an upstream session that is over, opens nothing from that
moment on, on every node: no cascade, no list to be told to others (design idea 9).
"""

from typing import Any

from sqlalchemy import or_, select

from idp.authentication.federation.models import ConnectionRecord, UpstreamSession


def vouching(session_id: Any, organization_id: Any, now: Any = None) -> Any:
    """In SQL: whether a connection still vouches for this session in this organization.

    ``now`` None: however long ago the upstream's own session ran out by itself.
    """
    return (
        _of(session_id, organization_id)
        .join(ConnectionRecord, ConnectionRecord.id == UpstreamSession.connection_id)
        .where(
            or_(ConnectionRecord.enabled_at.is_not(None), ConnectionRecord.piloted_at.is_not(None)),
            UpstreamSession.ended_at.is_(None),
            *_lasting(now),
        )
        .exists()
    )


def owing(session_id: Any, organization_id: Any) -> Any:
    """In SQL: whether a connection ever opened this organization in this session."""
    return _of(session_id, organization_id).exists()


def _lasting(now: Any) -> list[Any]:
    if now is None:
        return []
    return [UpstreamSession.ends_at.is_(None) | (UpstreamSession.ends_at > now)]


def _of(session_id: Any, organization_id: Any) -> Any:
    return select(UpstreamSession.session_id).where(
        UpstreamSession.session_id == session_id,
        UpstreamSession.organization_id == organization_id,
    )
