"""Signing out upstream after us (OpenID Connect RP-Initiated Logout 1.0), and the way back.

The browser is sent there once our session has ended; whether it comes back is not ours to say. The
way on is kept in an attempt of its own, so that no address is ever taken from the answer.
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

from idp.authentication.federation import attempts, upstream_sessions
from idp.authentication.federation.caller import BUDGET
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import Departure
from idp.authentication.federation.oidc.metadata import MetadataShelf
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.fetch.deadline import Deadline
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_id

PURPOSE = "sign_out"


class OidcSignOut:
    """Sign-outs at the upstreams of the kind ``oidc``."""

    def __init__(self, parts: Parts, metadata: MetadataShelf) -> None:
        self._parts = parts
        self._metadata = metadata

    def depart(
        self, connection: Connection, session_id: str, *, browser: str, onward: str
    ) -> Departure | None:
        """Where the upstream ends its session; None where it cannot."""
        endpoint = self._metadata.of(connection, Deadline(BUDGET)).end_session_endpoint
        with self._parts.database.transaction() as tx:
            rows = upstream_sessions.of_session(tx, session_id)
            row = next((row for row in rows if row.connection_id == connection.id), None)
            hint = upstream_sessions.logout_of(self._parts.keyring, row).id_token if row else None
            if endpoint is None or hint is None:
                return None
            attempt_id = random_id()
            attempts.begin(
                tx,
                self._parts.keyring,
                attempt_id=attempt_id,
                connection_id=connection.id,
                browser=browser,
                purpose=PURPOSE,
                sealed_request=None,
                kept={"onward": onward, "session": session_id},
            )
        asked = {
            "id_token_hint": hint,
            "client_id": connection.document["client_id"],
            "post_logout_redirect_uri": self.address(connection),
            "state": attempt_id,
        }
        parts = urlsplit(endpoint)
        query = "&".join(filter(None, (parts.query, urlencode(asked))))
        return Departure(location=urlunsplit(parts._replace(query=query)))

    def address(self, connection: Connection) -> str:
        """Where the upstream sends the browser back to; it has to be registered there."""
        return f"{self._parts.settings.issuer}{connection.path}/signed-out"

    def returned(self, connection: Connection, state: str, browser: str | None) -> str:
        """Where the browser goes on, this once; FederationRefused where it never left.

        An upstream sends back once its session has ended (RP-Initiated Logout 1.0 section 3).
        """
        with self._parts.database.transaction() as tx:
            row = attempts.find(tx, state)
            attempts.require_open(row, connection.id)
            attempts.require_browser(row, browser)
            if row.purpose != PURPOSE:
                raise FederationRefused(Reason.ATTEMPT_UNKNOWN)
            attempts.spend(tx, row)
            kept = attempts.kept(self._parts.keyring, row)
            upstream_sessions.left(tx, kept["session"], connection.id)
            onward: str = kept["onward"]
            return onward
