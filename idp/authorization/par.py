"""The pushed authorization request endpoint (RFC 9126): a request by the back channel first."""

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.authorization.request import Given, Requests
from idp.authorization.request.pushed import LIFETIME
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.foundation.web.protocol import Request, Response

_OF_THE_CLIENT = frozenset(("client_secret", "client_assertion", "client_assertion_type"))
"""How the client proves itself: parameters of this endpoint, not of the request."""


class PushedAuthorization:
    """The endpoint ``/par`` of one deployment."""

    def __init__(self, server: ProtocolServer, requests: Requests) -> None:
        self._server = server
        self._requests = requests

    def push(self, request: Request) -> Response:
        """Check a client's request and answer with the name that stands for it (section 2.2)."""
        given = Given.sent(request.form)

        def answer(asked: ProtocolRequest) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
            request_uri = self._push(asked, given)
            return (
                201,
                {
                    "request_uri": request_uri,
                    "expires_in": int(LIFETIME.total_seconds()),
                },
                [],
            )

        return self._server.respond(request, answer)

    def _push(self, asked: ProtocolRequest, given: Given) -> str:
        client = self._server.authenticate_client(asked)
        if not client.allows_grant_type("authorization_code"):
            raise InvalidRequestError("the client is not registered for codes")
        own = {name: v for name, v in given.parameters.items() if name not in _OF_THE_CLIENT}
        own["client_id"] = client.client_id
        given = Given(parameters=own, resource=given.resource)
        return self._requests.push(given, client, self._server.shown_key(asked))
