"""Introspection: whether a token counts now, and what it stands for (RFC 7662, RFC 9701).

A caller learns about its own tokens, and a resource server about those that are for its resource.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.authorization import grants
from idp.authorization.revocations import is_revoked
from idp.authorization.sealed_answer import Kind, SealedAnswers
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.tokens import AccessToken, read_refresh_token
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.foundation.clock import utcnow
from idp.foundation.web.protocol import Request, Response, json_response

TYPE = "token-introspection+jwt"
MEDIA_TYPE = f"application/{TYPE}"
_INACTIVE = {"active": False}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the caller is told, and who it is."""

    client: Client
    claims: dict[str, Any]


class Introspection:
    """The introspection endpoint of one deployment."""

    def __init__(self, server: ProtocolServer, clients: Clients, answers: SealedAnswers) -> None:
        self._server = server
        self._clients = clients
        self._answers = answers
        self._issuer = server.parts.settings.issuer

    def introspect(self, request: Request) -> Response:
        """Answer as JSON, or signed where the caller accepts that (RFC 9701 section 4)."""
        return self._server.respond(request, self._answer)

    def _answer(self, request: ProtocolRequest) -> Response:
        told = self._told(request)
        if not self._wants_jwt(request.asked, told.client):
            return json_response(told.claims)
        claims = {
            "iss": self._issuer,
            "aud": told.client.client_id,
            "iat": int(utcnow().timestamp()),
            "token_introspection": told.claims,
        }
        sealed = self._answers.seal(Kind.INTROSPECTION, claims, told.client, typ=TYPE)
        return Response(
            headers=[("Content-Type", MEDIA_TYPE), ("Cache-Control", "no-store")],
            body=sealed.encode(),
        )

    def _wants_jwt(self, request: Request, caller: Client) -> bool:
        """Whether the caller accepts a JWT, or registered for one (RFC 9701 sections 4 and 6)."""
        accepted = request.headers.get("accept", "").split(",")
        kinds = {part.partition(";")[0].strip().lower() for part in accepted}
        return MEDIA_TYPE in kinds or self._answers.is_registered(Kind.INTROSPECTION, caller)

    def _told(self, request: ProtocolRequest) -> Told:
        caller, token = self._server.authenticate_client(request), presented(request)
        if caller.auth_method == "none":
            # Anybody can name a public client (RFC 7662 section 4).
            return Told(client=caller, claims=_INACTIVE)
        access = self._server.access_tokens.read(token)
        claims = self._of_access(caller, access) if access else self._of_refresh(caller, token)
        return Told(client=caller, claims=claims or _INACTIVE)

    def _of_access(self, caller: Client, token: AccessToken) -> dict[str, Any] | None:
        """What an access token stands for; None where it counts no more or is not the caller's."""
        owner = self._clients.find(token.client_id)
        if owner is None or not _may_ask(caller, token):
            return None
        with self._server.parts.database.reading() as tx:
            if token.grant_id is None:
                row = None if is_revoked(tx, token.jti) else owner
            else:
                row = grants.standing(tx, token.grant_id, token.jti)
        if row is None:
            return None
        return {
            **(_of_client(owner) if token.grant_id is None else _of_person(owner, row)),
            "active": True,
            "iss": self._issuer,
            "client_id": token.client_id,
            "scope": token.scope,
            "token_type": "DPoP" if token.jkt else "Bearer",
            "iat": token.iat,
            "exp": token.exp,
            "jti": token.jti,
            "aud": list(token.audience) or self._issuer,
            **({"cnf": {"jkt": token.jkt}} if token.jkt else {}),
        }

    def _of_refresh(self, caller: Client, value: str) -> dict[str, Any] | None:
        """What a refresh token stands for; its own client alone is told."""
        token = read_refresh_token(self._server.parts.keyring, value)
        if token is None:
            return None
        with self._server.parts.database.reading() as tx:
            row = grants.standing(tx, token.grant_id)
        if row is None or (row.client_id, row.generation) != (caller.client_id, token.generation):
            return None
        return {
            **_of_person(caller, row),
            "active": True,
            "iss": self._issuer,
            "client_id": caller.client_id,
            "scope": row.scope,
            "iat": int(row.issued_at.timestamp()),
            "exp": int(row.expires_at.timestamp()),
            **({"cnf": {"jkt": row.dpop_jkt}} if row.dpop_jkt else {}),
        }


def presented(request: ProtocolRequest) -> str:
    """The token asked about; InvalidRequestError without one."""
    token = request.form.get("token")
    if token is None:
        raise InvalidRequestError("token is missing")
    return token


def _may_ask(caller: Client, token: AccessToken) -> bool:
    """Whether the token is the caller's own, or for the resource that an operator says it is."""
    if token.client_id == caller.client_id:
        return True
    return caller.metadata.get("resource") in token.audience


def _of_client(owner: Client) -> dict[str, Any]:
    return {"sub": owner.client_id}


def _of_person(owner: Client, row: Any) -> dict[str, Any]:
    """Who the person is to the token's client, when they signed in, and where they act."""
    return {
        "sub": owner.subject(row.person_id),
        "username": row.username,
        "sid": row.session_id,
        "org_id": row.organization_id,
        "auth_time": int(row.auth_time.timestamp()),
        "amr": row.amr.split(),
        **({"acr": row.acr} if row.acr else {}),
    }
