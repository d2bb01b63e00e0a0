"""Single logout and our sessions: which of them a logout is about."""

from idp.authentication.federation import attempts, upstream_sessions
from idp.authentication.federation.models import UpstreamSession
from idp.authentication.federation.saml.assertion import NameId
from idp.authentication.federation.saml.logout import LogoutRequest
from idp.foundation.database import Transaction
from idp.foundation.sealed import KeyRing


def spend(tx: Transaction, connection_id: str, request: LogoutRequest) -> None:
    """Let a request count this once; REPLAYED."""
    attempts.spend_id(tx, connection_id, f"logout {request.id}"[:300], request.until)


def named(
    tx: Transaction, keyring: KeyRing, connection_id: str, request: LogoutRequest
) -> list[UpstreamSession]:
    """What a request is about.

    That of its session indexes, or all of the person's where it names none (core 3.7.1).
    """
    found = upstream_sessions.live(
        tx,
        keyring,
        connection_id,
        name_id=request.name_id.value,
        sids=request.session_indexes,
    )
    return [row for row in found if _is_same(keyring, row, request.name_id)]


def leaving(
    tx: Transaction, keyring: KeyRing, session_id: str, connection_id: str
) -> tuple[NameId, str | None] | None:
    """The NameID and SessionIndex to sign our session out there by, if there are any."""
    row = tx.session.get(UpstreamSession, (session_id, connection_id))
    logout = upstream_sessions.logout_of(keyring, row) if row is not None else None
    return (NameId(**logout.name_id), logout.sid) if logout and logout.name_id else None


def _is_same(keyring: KeyRing, row: UpstreamSession, asked: NameId) -> bool:
    """Whether two NameIDs name one person; a qualifier left out is the obvious one."""
    kept = upstream_sessions.logout_of(keyring, row).name_id
    ours = NameId(**kept) if kept else None
    return (
        ours is not None
        and ours.value == asked.value
        and ours.format == asked.format
        and all(
            one == other or None in (one, other)
            for one, other in (
                (ours.name_qualifier, asked.name_qualifier),
                (ours.sp_name_qualifier, asked.sp_name_qualifier),
            )
        )
    )
