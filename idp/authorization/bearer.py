"""Access tokens as they are presented, and how a missing or bad one is answered (RFC 6750)."""

from idp.authorization.tokens import AccessToken, read_access_token
from idp.foundation.sealed import KeyRing
from idp.foundation.web.protocol import Request, Response, json_response


class BearerError(Exception):
    """The request's token does not open this; ``error`` None where there was none (section 3.1)."""

    def __init__(
        self, error: str | None, description: str = "", *, status: int = 401, scope: str = ""
    ) -> None:
        self.error = error
        self.description = description
        self.status = status
        self.scope = scope
        super().__init__(error or "no token")

    def response(self, issuer: str) -> Response:
        """The answer with its challenge."""
        challenge = f'Bearer realm="{issuer}"'
        body: dict[str, str] = {}
        if self.error:
            challenge += f', error="{self.error}", error_description="{self.description}"'
            body = {"error": self.error, "error_description": self.description}
        if self.scope:
            challenge += f', scope="{self.scope}"'
        return json_response(body, self.status, [("WWW-Authenticate", challenge)])


def presented_token(request: Request, keyring: KeyRing) -> AccessToken:
    """The access token of the request's header or, in a POST, of its form; never of its query.

    BearerError where there is none, more than one, or one that is not ours or has ended.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    in_header = value.strip() if scheme.lower() == "bearer" else None
    in_form = request.form.get("access_token") if request.method == "POST" else None
    if in_header and in_form:
        raise BearerError("invalid_request", "present the token in one way only", status=400)
    if not (in_header or in_form):
        raise BearerError(None)
    token = read_access_token(keyring, in_header or in_form or "")
    if token is None:
        raise BearerError("invalid_token", "the access token is unknown or has expired")
    return token
