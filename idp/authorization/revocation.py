"""Revocation of a client's own tokens (RFC 7009): 200 whatever the token was."""

from contextlib import suppress
from datetime import UTC, datetime

from authlib.oauth2.rfc6749 import OAuth2Error

from idp.audit import Event
from idp.authorization import grants
from idp.authorization.introspection import presented
from idp.authorization.revocations import revoke_access_token
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.token_grant import Answer
from idp.authorization.tokens import read_refresh_token
from idp.foundation.database import Conflict
from idp.foundation.web.protocol import Request, Response


class UnsupportedTokenType(OAuth2Error):
    """A token of ours of a kind that nobody takes back: it ends by itself (section 2.2.1)."""

    error = "unsupported_token_type"


class Revocation:
    """The revocation endpoint of one deployment."""

    def __init__(self, server: ProtocolServer) -> None:
        self._server = server
        self._database = server.parts.database

    def revoke(self, request: Request) -> Response:
        """Take a token of the asking client's own back; another's stays as it is."""
        return self._server.respond(request, self._revoke)

    def _revoke(self, request: ProtocolRequest) -> Answer:
        client, value = self._server.authenticate_client(request), presented(request)
        if access := self._server.access_tokens.read(value):
            if access.client_id == client.client_id:
                # Two at once may insert; one of them is enough.
                with suppress(Conflict), self._database.transaction() as tx:
                    ends_at = datetime.fromtimestamp(access.exp, UTC)
                    revoke_access_token(tx, access.jti, ends_at)
        elif self._server.access_tokens.is_another_jwt(value):
            raise UnsupportedTokenType
        elif refresh := read_refresh_token(self._server.parts.keyring, value):
            with self._database.transaction() as tx:
                row = grants.standing(tx, refresh.grant_id)
                if row and row.client_id == client.client_id:
                    grants.revoke(tx, refresh.grant_id, event=Event.GRANT_REVOKED, by=request.by)
        return 200, {}, []
