"""What every grant of the token endpoint shares: who asks, with which key, and the answer."""

from collections.abc import Sequence
from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin, UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.authorization.access_tokens import Issued
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.tokens import refresh_token
from idp.config import Lifetimes

Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]


class TokenGrant(BaseGrant, TokenEndpointMixin):
    """One request to the token endpoint; Authlib makes one for each."""

    server: ProtocolServer
    request: ProtocolRequest
    jkt: str | None
    """The thumbprint of the key that the client proved to hold (RFC 9449)."""

    def validate_token_request(self) -> None:
        """Authenticate the client, check its registration, and look at its proof of possession."""
        client = self.server.authenticate_client(self.request)
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(f"the client is not registered for {self.GRANT_TYPE}")
        self.jkt = self.server.prove_possession(self.request)

    @property
    def lifetimes(self) -> Lifetimes:
        """How long this client's tokens live."""
        return self.request.client.lifetimes(self.server.parts.settings.lifetimes)

    @property
    def family_jkt(self) -> str | None:
        """The key that a refresh token is bound to: a public client's (RFC 9449 section 5)."""
        return self.jkt if self.request.client.auth_method == "none" else None

    def access_token(
        self, *, scope: str, resource: Sequence[str], grant: Any = None
    ) -> tuple[Issued, dict[str, Any]]:
        """A new access token, and the response's members about it (RFC 6749 section 5.1)."""
        issued = self.server.access_tokens.issue(
            self.request.client,
            scope=scope,
            lifetime=self.lifetimes.access_token,
            resource=resource,
            jkt=self.jkt,
            grant=grant,
        )
        return issued, {
            "access_token": issued.value,
            "token_type": "DPoP" if self.jkt else "Bearer",
            "expires_in": issued.expires_in,
            **({"scope": scope} if scope else {}),
        }

    def answer(self, row: Any, *, generation: int, scope: str, resource: Sequence[str]) -> Answer:
        """The token response for a person's standing grant."""
        client = self.request.client
        issued, answer = self.access_token(scope=scope, resource=resource, grant=row)
        if "openid" in scope.split():
            answer["id_token"] = self.server.id_tokens.issue(
                client, row, access_token=issued.value, nonce=row.nonce if generation == 1 else None
            )
        if client.allows_grant_type("refresh_token"):
            answer["refresh_token"] = refresh_token(
                self.server.parts.keyring, row.grant_id, generation
            )
        return 200, answer, []


def narrowed_scope(asked: str | None, granted: str) -> str:
    """The scope asked for, never wider than what was granted (RFC 6749 section 6)."""
    if asked is None:
        return granted
    if not set(asked.split()) <= set(granted.split()):
        raise InvalidScopeError("scope goes beyond what was granted")
    return " ".join(dict.fromkeys(asked.split()))
