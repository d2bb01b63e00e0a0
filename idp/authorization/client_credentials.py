"""Tokens for a client itself (RFC 6749 section 4.4): no person, no session, nothing stored."""

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.authorization.token_grant import Answer, TokenGrant
from idp.clients.client import Client
from idp.clients.metadata import SCOPES


class ClientCredentialsGrant(TokenGrant):
    """The client's own credentials for an access token; never a refresh token (section 4.4.3)."""

    GRANT_TYPE = "client_credentials"

    def create_token_response(self) -> Answer:
        """Issue: all there is to judge is the client, which has authenticated."""
        client = self.request.client
        if client.auth_method == "none":
            raise UnauthorizedClientError("a public client has no credentials of its own")
        scope = scope_without_person(client, self.request.form.get("scope"))
        _issued, answer = self.access_token(scope=scope, resource=self.request.resource)
        return 200, answer, []


def scope_without_person(client: Client, asked: str | None) -> str:
    """What the client asks for of what it may have by itself; all of it where it asks nothing.

    InvalidScopeError where it asks for more.
    """
    registered = client.metadata["scope"].split()
    # Every scope of `SCOPES` means somebody, and nobody's token can have it.
    allowed = [scope for scope in registered if scope not in SCOPES]
    if asked is None:
        return " ".join(allowed)
    wanted = list(dict.fromkeys(asked.split()))
    if not set(wanted) <= set(allowed):
        raise InvalidScopeError("scope goes beyond what the client may have by itself")
    return " ".join(wanted)
