"""An upstream's logout token: checked whole, counted once (OIDC Back-Channel Logout 2.6)."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from idp.audit import Actor
from idp.authentication.federation import attempts, upstream_sessions
from idp.authentication.federation.caller import BUDGET
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.oidc import claims
from idp.authentication.federation.oidc.subject import subject
from idp.authentication.federation.oidc.tokens import open_token
from idp.authentication.federation.oidc.upstream import OidcUpstream
from idp.authentication.federation.presets import PRESETS
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.sessions import Sessions
from idp.foundation.clock import utcnow
from idp.foundation.fetch.deadline import Deadline
from idp.foundation.parts import Parts

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPES = ("logout+jwt", "JWT")
_REMEMBERED = timedelta(days=1)
log = logging.getLogger(__name__)


class BackchannelReceiver:
    """Hears of sign-outs upstream."""

    def __init__(self, parts: Parts, sessions: Sessions, upstream: OidcUpstream) -> None:
        self._database = parts.database
        self._keyring = parts.keyring
        self._sessions = sessions
        self._upstream = upstream

    def receive(self, connection: Connection, token: str | None, *, by: Actor) -> int:
        """End the sessions that the token is about; the status to answer with (section 2.8)."""
        try:
            said = self._check(connection, token)
            self._end(connection, said, by=by)
        except FederationRefused as refusal:
            log.info("logout token refused at %s: %s", connection.path, refusal.reason)
            return 400
        return 200

    def _check(self, connection: Connection, token: str | None) -> Mapping[str, Any]:
        if token is None or connection.kind != "oidc":
            raise FederationRefused(Reason.TOKEN_MISSING)
        deadline = Deadline(BUDGET)
        metadata = self._upstream.metadata.of(connection, deadline)
        opened = open_token(token, connection, metadata, self._upstream.keys, deadline)
        expected = claims.Expected(
            issuer=metadata.issuer, client_id=connection.document["client_id"], now=utcnow()
        )
        claims.check_party(opened.claims, expected)
        claims.check_times(opened.claims, expected.now)
        if opened.typ not in _TYPES or not _is_logout(opened.claims):
            raise FederationRefused(Reason.TOKEN_MALFORMED, field="events")
        return opened.claims

    def _end(self, connection: Connection, said: Mapping[str, Any], *, by: Actor) -> None:
        spent, until = f"logout {said['jti']}"[:300], utcnow() + _REMEMBERED
        with self._database.transaction() as tx:
            attempts.spend_id(tx, connection.id, spent, until)
            rows = upstream_sessions.live(
                tx,
                self._keyring,
                connection.id,
                subject=_subject(connection, said),
                sids=[said["sid"]] if said.get("sid") else [],
            )
            upstream_sessions.end(tx, self._sessions, rows, by=by)


def _is_logout(said: Mapping[str, Any]) -> bool:
    """Whether it is a logout token and nothing else could be meant by it (section 2.4)."""
    events, jti, sid, sub = (said.get(name) for name in ("events", "jti", "sid", "sub"))
    return (
        isinstance(events, Mapping)
        and isinstance(events.get(_EVENT), Mapping)
        and "nonce" not in said
        and isinstance(jti, str)
        and bool(jti)
        and isinstance(sid, str | None)
        and isinstance(sub, str | None)
        and bool(sid or sub)
    )


def _subject(connection: Connection, said: Mapping[str, Any]) -> str | None:
    """The subject as we know it; None where the token names the session, or ours has more parts."""
    is_whole = all(name in said for name in PRESETS[connection.product].subject)
    if is_whole:
        return subject(connection, said)
    if not said.get("sid"):
        raise FederationRefused(Reason.SUBJECT_MISSING)
    return None
