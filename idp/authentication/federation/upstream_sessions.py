"""What a session of ours owes to a connection: begun with an arrival, judged when used, ended."""

from sqlalchemy import bindparam, delete, insert, select, update

from idp.audit import Actor
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.models import UpstreamSession
from idp.authentication.models import SessionRecord
from idp.authentication.sessions import Sessions
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest

_HINT = "id token hint"

_SESSION_OF = Statement(
    select(SessionRecord.id).where(SessionRecord.secret_digest == bindparam("secret"))
)
_FORGET = Statement(
    delete(UpstreamSession).where(
        UpstreamSession.session_id == bindparam("session"),
        UpstreamSession.connection_id == bindparam("connection"),
    )
)
_INSERT = Statement(
    insert(UpstreamSession).values(
        {
            name: bindparam(name)
            for name in (
                *("session_id", "connection_id", "organization_id", "subject", "sid", "name_id"),
                *("sealed_id_token", "begun_at", "ends_at"),
            )
        }
    )
)
_SHORTEN = Statement(
    update(SessionRecord)
    .where(SessionRecord.id == bindparam("session"), SessionRecord.expires_at > bindparam("until"))
    .values(expires_at=bindparam("until"))
)


def begin(
    tx: Transaction,
    keyring: KeyRing,
    connection: Connection,
    identity: ExternalIdentity,
    *,
    secret: str,
    is_renewed: bool,
) -> None:
    """Note what the session with this cookie's ``secret`` owes to the connection.

    A new session ends with the upstream's at the latest; a renewed one lives on for what else it
    was opened by, and only opens this organization no longer.
    """
    session_id = tx.first(_SESSION_OF, secret=digest(secret)).id
    tx.run(_FORGET, session=session_id, connection=connection.id)
    logout = identity.logout
    tx.run(
        _INSERT,
        session_id=session_id,
        connection_id=connection.id,
        organization_id=connection.organization_id,
        subject=identity.subject,
        sid=logout.sid,
        name_id=dict(logout.name_id) if logout.name_id else None,
        sealed_id_token=_sealed(keyring, logout.id_token, session_id),
        begun_at=utcnow(),
        ends_at=identity.session_ends_at,
    )
    if identity.session_ends_at and not is_renewed:
        tx.run(_SHORTEN, session=session_id, until=identity.session_ends_at)


def of_session(tx: Transaction, session_id: str) -> list[UpstreamSession]:
    """What the session owes, ended or not."""
    return list(
        tx.session.scalars(select(UpstreamSession).where(UpstreamSession.session_id == session_id))
    )


def id_token(keyring: KeyRing, row: UpstreamSession) -> str | None:
    """The ID token that the upstream knows the session by."""
    if row.sealed_id_token is None:
        return None
    return keyring.unseal(_HINT, row.sealed_id_token, row.session_id).decode()


def end(
    tx: Transaction,
    sessions: Sessions,
    connection_id: str,
    *,
    subject: str | None,
    sid: str | None,
    by: Actor,
) -> int:
    """The upstream ended its session: end ours; how many. One of ``subject`` and ``sid`` is given.

    All of our session ends, for one browser is one person who signs out.
    """
    asked = select(UpstreamSession).where(
        UpstreamSession.connection_id == connection_id, UpstreamSession.ended_at.is_(None)
    )
    if subject is not None:
        asked = asked.where(UpstreamSession.subject == subject)
    if sid is not None:
        asked = asked.where(UpstreamSession.sid == sid)
    rows = tx.session.scalars(asked).all()
    for row in rows:
        row.ended_at = utcnow()
        sessions.end(tx, row.session_id, by=by, why="signed_out_upstream")
    return len(rows)


def _sealed(keyring: KeyRing, token: str | None, session_id: str) -> str | None:
    return keyring.seal(_HINT, token.encode(), session_id) if token else None
