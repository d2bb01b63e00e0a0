"""What a session of ours owes to a connection: begun with an arrival, judged when used, ended.

What names the upstream's session or person there (``sid``, NameID, ID token) lies sealed; it is
found again by a tag that only our key makes. An old key's tags go with the sessions they are of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, delete, insert, select, update

from idp.audit import Actor
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import ExternalIdentity, UpstreamLogout
from idp.authentication.federation.models import UpstreamSession
from idp.authentication.models import SessionRecord
from idp.authentication.sessions import Sessions
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest

_LOGOUT, _TAG = "upstream logout", "upstream session"

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
                *("session_id", "connection_id", "organization_id", "subject", "sid_tag"),
                *("name_id_tag", "sealed_logout", "begun_at", "ends_at"),
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
    if is_renewed:
        tx.run(_FORGET, session=session_id, connection=connection.id)
    logout = identity.logout
    name = logout.name_id["value"] if logout.name_id else None
    tx.run(
        _INSERT,
        session_id=session_id,
        connection_id=connection.id,
        organization_id=connection.organization_id,
        subject=identity.subject,
        sid_tag=_tag(keyring, connection.id, "sid", logout.sid),
        name_id_tag=_tag(keyring, connection.id, "name_id", name),
        sealed_logout=keyring.seal_json(
            _LOGOUT, asdict(logout), _context(session_id, connection.id)
        ),
        begun_at=utcnow(),
        ends_at=identity.session_ends_at,
    )
    if identity.session_ends_at and not is_renewed:
        tx.run(_SHORTEN, session=session_id, until=identity.session_ends_at)


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


def of_session(tx: Transaction, session_id: str) -> list[UpstreamSession]:
    """What the session owes, ended or not."""
    return list(
        tx.session.scalars(select(UpstreamSession).where(UpstreamSession.session_id == session_id))
    )


def logout_of(keyring: KeyRing, row: UpstreamSession) -> UpstreamLogout:
    """What the upstream knows the session by."""
    context = _context(row.session_id, row.connection_id)
    return UpstreamLogout(**keyring.unseal_json(_LOGOUT, row.sealed_logout, context))


def live(
    tx: Transaction,
    keyring: KeyRing,
    connection_id: str,
    *,
    subject: str | None = None,
    name_id: str | None = None,
    sids: Sequence[str] = (),
) -> list[UpstreamSession]:
    """What is still owed to the connection, by what it says: at least one is given, all must fit.

    ``name_id`` is the value of a NameID; ``sids`` are OIDC ``sid`` or SAML ``SessionIndex``.
    """
    asked = select(UpstreamSession).where(
        UpstreamSession.connection_id == connection_id, UpstreamSession.ended_at.is_(None)
    )
    if subject is not None:
        asked = asked.where(UpstreamSession.subject == subject)
    if name_id is not None:
        tags = _tags(keyring, connection_id, "name_id", [name_id])
        asked = asked.where(UpstreamSession.name_id_tag.in_(tags))
    if sids:
        tags = _tags(keyring, connection_id, "sid", sids)
        asked = asked.where(UpstreamSession.sid_tag.in_(tags))
    return list(tx.session.scalars(asked))


def end(tx: Transaction, sessions: Sessions, rows: Iterable[UpstreamSession], *, by: Actor) -> None:
    """The upstream ended these: end ours.

    All of our session ends, for one browser is one person who signs out.
    """
    for row in rows:
        row.ended_at = utcnow()
        sessions.end(tx, row.session_id, by=by, why="signed_out_upstream")


def _tag(keyring: KeyRing, connection_id: str, name: str, value: str | None) -> str | None:
    if value is None:
        return None
    return keyring.authenticate(_TAG, _tagged(connection_id, name, value))


def _tags(keyring: KeyRing, connection_id: str, name: str, values: Iterable[str]) -> list[str]:
    """Every tag the values may be kept under, one for each key we hold."""
    return [
        tag
        for value in values
        for tag in keyring.authenticate_all(_TAG, _tagged(connection_id, name, value))
    ]


def _tagged(connection_id: str, name: str, value: str) -> str:
    return f"{connection_id}\n{name}\n{value}"


def _context(session_id: str, connection_id: str) -> str:
    return f"{session_id}\n{connection_id}"
