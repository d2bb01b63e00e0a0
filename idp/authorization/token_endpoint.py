"""The token endpoint: Authlib picks the grant, the grant spends first and then issues.

Each grant runs authenticate, spend, judge, issue; what is spent and what it gives commit together,
and a refusal is raised only after the commit, so that a failed try is spent too (RFC 9700 4.5).
"""

import re
from typing import Any

from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidGrantError,
    InvalidRequestError,
    TokenEndpointMixin,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idp.audit import Event
from idp.authorization import grants
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.tokens import issue_access_token, read_refresh_token, refresh_token
from idp.foundation.database import Transaction
from idp.foundation.secrets import equal
from idp.foundation.web.protocol import Request, Response

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]


class TokenEndpoint:
    """The token endpoint of one deployment."""

    def __init__(self, server: ProtocolServer) -> None:
        self._server = server
        for grant in (AuthorizationCodeGrant, RefreshTokenGrant):
            server.register_grant(grant)

    def token(self, request: Request) -> Response:
        """Answer a token request (RFC 6749 section 3.2)."""
        return self._server.respond(request, self._grant)

    def _grant(self, request: ProtocolRequest) -> Answer:
        if "grant_type" not in request.form:
            raise InvalidRequestError("grant_type is missing")
        grant = self._server.get_token_grant(request)
        grant.validate_token_request()
        answer: Answer = grant.create_token_response()
        return answer


class _OurGrant(BaseGrant, TokenEndpointMixin):
    """What both grants share: who asks, and how a standing grant becomes an answer."""

    server: ProtocolServer
    request: ProtocolRequest

    def validate_token_request(self) -> None:
        """Authenticate the client and check that it was registered for this grant type."""
        client = self.server.authenticate_client(self.request)
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(f"the client is not registered for {self.GRANT_TYPE}")

    def _tokens(self, row: Any, generation: int, scope: str) -> Answer:
        """The token response for a standing grant (RFC 6749 section 5.1)."""
        parts, client = self.server.parts, self.request.client
        lifetimes = parts.settings.lifetimes
        access_token = issue_access_token(
            parts.keyring, grant_id=row.grant_id, scope=scope, lifetime=lifetimes.access_token
        )
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(lifetimes.access_token.total_seconds()),
            "scope": scope,
        }
        if "openid" in scope.split():
            answer["id_token"] = self.server.id_tokens.issue(
                client, row, access_token=access_token, nonce=row.nonce if generation == 1 else None
            )
        if client.allows_grant_type("refresh_token"):
            answer["refresh_token"] = refresh_token(parts.keyring, row.grant_id, generation)
        return 200, answer, []


class AuthorizationCodeGrant(_OurGrant):
    """A code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6)."""

    GRANT_TYPE = "authorization_code"

    def create_token_response(self) -> Answer:
        """Spend the code, then issue; a wrong verifier or redirect URI burns it."""
        code = self.request.form.get("code")
        if code is None:
            raise InvalidRequestError("code is missing")
        with self.server.parts.database.transaction() as tx:
            row = self._redeem(tx, code)
        if row is None:
            raise InvalidGrantError("the code is unknown, expired, spent or not yours")
        return self._tokens(row, 1, row.scope)

    def _redeem(self, tx: Transaction, code: str) -> Any:
        spent = grants.spend_code(
            tx,
            code,
            self.request.client.client_id,
            lifetimes=self.server.parts.settings.lifetimes,
            by=self.request.by,
        )
        if spent is None:
            return None
        if not self._is_rightful(spent):
            grants.revoke(tx, spent.grant_id, event=Event.GRANT_REVOKED, by=self.request.by)
            return None
        return grants.standing(tx, spent.grant_id)

    def _is_rightful(self, spent: grants.Spent) -> bool:
        """Whether who redeems is who began: the same redirect URI, and the challenge's verifier."""
        if self.request.form.get("redirect_uri") != spent.redirect_uri:
            return False
        verifier = self.request.form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier) or spent.code_challenge is None:
            return False
        return equal(create_s256_code_challenge(verifier), spent.code_challenge)


class RefreshTokenGrant(_OurGrant):
    """A refresh token for the next one (RFC 6749 section 6), rotating in families."""

    GRANT_TYPE = "refresh_token"

    def create_token_response(self) -> Answer:
        """Move the family on, then issue."""
        presented = self.request.form.get("refresh_token")
        if presented is None:
            raise InvalidRequestError("refresh_token is missing")
        parts = self.server.parts
        token = read_refresh_token(parts.keyring, presented)
        if token is None:
            raise InvalidGrantError("the refresh token is not one of ours")
        with parts.database.transaction() as tx:
            row, generation = self._rotate(tx, token)
        if row is None:
            raise InvalidGrantError("the refresh token is expired, used or revoked")
        return self._tokens(row, generation, self._scope(row.scope))

    def _rotate(self, tx: Transaction, token: Any) -> tuple[Any, int]:
        generation = grants.rotate(
            tx,
            token,
            self.request.client.client_id,
            lifetimes=self.server.parts.settings.lifetimes,
            by=self.request.by,
        )
        if generation is None:
            return None, 0
        return grants.standing(tx, token.grant_id), generation

    def _scope(self, granted: str) -> str:
        """The scope asked for, never wider than what was granted (RFC 6749 section 6)."""
        asked = self.request.form.get("scope")
        if asked is None:
            return granted
        if not set(asked.split()) <= set(granted.split()):
            raise InvalidScopeError("scope goes beyond what was granted")
        return " ".join(dict.fromkeys(asked.split()))
