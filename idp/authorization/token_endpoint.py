"""The token endpoint: Authlib picks the grant, the grant spends first and then issues.

What is spent and what it gives commit together, and a refusal is raised only after the commit, so
that a failed try is spent too (RFC 9700 section 4.5).
"""

import re
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idp.audit import Event
from idp.authorization import grants
from idp.authorization.client_credentials import ClientCredentialsGrant
from idp.authorization.device.grant import DeviceCodeGrant
from idp.authorization.resources import narrowed
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.token_grant import Answer, TokenGrant, narrowed_scope
from idp.authorization.tokens import RefreshToken, read_refresh_token
from idp.foundation.database import Transaction
from idp.foundation.secrets import equal
from idp.foundation.web.protocol import Request, Response

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class TokenEndpoint:
    """The token endpoint of one deployment."""

    def __init__(self, server: ProtocolServer) -> None:
        self._server = server
        for grant in GRANTS:
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


class AuthorizationCodeGrant(TokenGrant):
    """A code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6)."""

    GRANT_TYPE = "authorization_code"

    def create_token_response(self) -> Answer:
        """Spend the code, then issue; a wrong verifier or redirect URI burns it."""
        code = self.request.form.get("code")
        if code is None:
            raise InvalidRequestError("code is missing")
        asked = self.request.resource
        with self.server.parts.database.transaction() as tx:
            row = self._redeem(tx, code)
        if row is None:
            raise InvalidGrantError("the code is unknown, expired, spent or not yours")
        resource = narrowed(asked, row.resource.split(), self.server.parts.settings.issuer)
        return self.answer(row, generation=1, scope=row.scope, resource=resource)

    def _redeem(self, tx: Transaction, code: str) -> Any:
        spent = grants.spend_code(
            tx,
            code,
            self.request.client.client_id,
            lifetimes=self.lifetimes,
            jkt=self.jkt,
            family_jkt=self.family_jkt,
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
        if spent.code_challenge is None:  # Only where the registration exempts the client.
            return not verifier
        if not _VERIFIER.fullmatch(verifier):
            return False
        return equal(create_s256_code_challenge(verifier), spent.code_challenge)


class RefreshTokenGrant(TokenGrant):
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
            self._check_wish(tx, token)
            row, generation = self._rotate(tx, token)
        if row is None:
            raise InvalidGrantError("the refresh token is expired, used or revoked")
        scope, resource = self._wish(row)
        return self.answer(row, generation=generation, scope=scope, resource=resource)

    def _check_wish(self, tx: Transaction, token: RefreshToken) -> None:
        """Refuse a scope or resource that was not granted before the family moves on.

        The refused client still holds the token in force, and a later use must not look like theft.
        """
        if self.request.form.keys() & {"scope", "resource"}:
            row = grants.standing(tx, token.grant_id)
            if row and row.client_id == self.request.client.client_id:
                self._wish(row)

    def _wish(self, row: Any) -> tuple[str, tuple[str, ...]]:
        """The scope and the resources of the new access token."""
        issuer = self.server.parts.settings.issuer
        return (
            narrowed_scope(self.request.form.get("scope"), row.scope),
            narrowed(self.request.resource, row.resource.split(), issuer),
        )

    def _rotate(self, tx: Transaction, token: RefreshToken) -> tuple[Any, int]:
        generation = grants.rotate(
            tx,
            token,
            self.request.client.client_id,
            lifetimes=self.lifetimes,
            jkt=self.jkt,
            family_jkt=self.family_jkt,
            by=self.request.by,
        )
        if generation is None:
            return None, 0
        return grants.standing(tx, token.grant_id), generation


GRANTS = (AuthorizationCodeGrant, RefreshTokenGrant, ClientCredentialsGrant, DeviceCodeGrant)
"""What the token endpoint takes; discovery names them from here."""
