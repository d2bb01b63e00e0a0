"""Introspection and revocation of a client's own tokens (RFC 7662, RFC 7009)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.audit import Event
from idp.authorization import grants
from idp.authorization.revocations import revoke_access_token
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.token_endpoint import Answer
from idp.authorization.tokens import read_access_token, read_refresh_token
from idp.clients.client import Client
from idp.foundation.web.protocol import Request, Response

_INACTIVE = {"active": False}


class TokenEndpoints:
    """Introspection and revocation of one deployment."""

    def __init__(self, server: ProtocolServer) -> None:
        self._server = server
        self._keyring = server.parts.keyring
        self._database = server.parts.database

    def introspect(self, request: Request) -> Response:
        """Whether a token of the asking client's own counts now, and what it stands for."""
        return self._server.respond(request, self._introspect)

    def revoke(self, request: Request) -> Response:
        """Take a token of the asking client's own back; the answer is 200 whatever it was."""
        return self._server.respond(request, self._revoke)

    def _introspect(self, request: ProtocolRequest) -> Answer:
        client, token = self._server.authenticate_client(request), _token(request)
        if client.auth_method == "none":
            return 200, _INACTIVE, []  # Anybody can name a public client (RFC 7662 section 4).
        if access := read_access_token(self._keyring, token):
            with self._database.reading() as tx:
                row = grants.standing(tx, access.grant_id, access.jti)
            if row is None or row.client_id != client.client_id:
                return 200, _INACTIVE, []
            return (
                200,
                self._claims(client, row, access.scope, access.expires_at)
                | {
                    "token_type": "Bearer",
                    "iat": int(access.issued_at.timestamp()),
                    "jti": access.jti,
                },
                [],
            )
        if refresh := read_refresh_token(self._keyring, token):
            with self._database.reading() as tx:
                row = grants.standing(tx, refresh.grant_id)
            if row and row.client_id == client.client_id and row.generation == refresh.generation:
                return 200, self._claims(client, row, row.scope, row.expires_at), []
        return 200, _INACTIVE, []

    def _claims(self, client: Client, row: Any, scope: str, expires_at: Any) -> dict[str, Any]:
        return {
            "active": True,
            "iss": self._server.parts.settings.issuer,
            "client_id": row.client_id,
            "sub": client.subject(row.person_id),
            "username": row.username,
            "scope": scope,
            "exp": int(expires_at.timestamp()),
            "org_id": row.organization_id,
            "sid": row.session_id,
        }

    def _revoke(self, request: ProtocolRequest) -> Answer:
        client, token = self._server.authenticate_client(request), _token(request)
        if access := read_access_token(self._keyring, token):
            with self._database.transaction() as tx:
                row = grants.standing(tx, access.grant_id, access.jti)
                if row and row.client_id == client.client_id:
                    revoke_access_token(tx, access.jti, access.expires_at)
        elif refresh := read_refresh_token(self._keyring, token):
            with self._database.transaction() as tx:
                row = grants.standing(tx, refresh.grant_id)
                if row and row.client_id == client.client_id:
                    grants.revoke(tx, refresh.grant_id, event=Event.GRANT_REVOKED, by=request.by)
        return 200, {}, []


def _token(request: ProtocolRequest) -> str:
    token = request.form.get("token")
    if token is None:
        raise InvalidRequestError("token is missing")
    return token
