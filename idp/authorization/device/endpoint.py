"""The device authorization endpoint: a device asks for its two codes (RFC 8628 section 3.1)."""

from contextlib import suppress
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.errors import InvalidScopeError

from idp.authorization.device import requests
from idp.authorization.device.requests import INTERVAL, Begun
from idp.authorization.paths import DEVICE
from idp.authorization.scopes import check_givable
from idp.authorization.server import ProtocolRequest, ProtocolServer
from idp.authorization.token_grant import Answer
from idp.clients.client import Client
from idp.clients.metadata.algorithms import DEVICE_CODE
from idp.errors import Throttled, Unavailable
from idp.foundation.database import Conflict
from idp.foundation.throttle import Throttle
from idp.foundation.web.protocol import Request, Response

_TRIES = 5
"""At finding a user code that nobody has; one in 10^12 is taken."""


class DeviceAuthorization:
    """The device authorization endpoint of one deployment."""

    def __init__(self, server: ProtocolServer, throttle: Throttle) -> None:
        self._server = server
        self._parts = server.parts
        self._throttle = throttle

    def begin(self, request: Request) -> Response:
        """Answer a device authorization request."""
        return self._server.respond(request, self._begin)

    def _begin(self, request: ProtocolRequest) -> Answer:
        client = self._server.authenticate_client(request)
        if not client.allows_grant_type(DEVICE_CODE):
            raise UnauthorizedClientError(f"the client is not registered for {DEVICE_CODE}")
        scope, resource = _scope(client, request.form.get("scope")), request.resource
        network = request.asked.remote_address
        try:
            self._throttle.admit_device(client.client_id, network)
        except Throttled as error:
            raise Unavailable(retry_after=error.retry_after) from error
        begun = self._begun(client, scope, " ".join(resource), network)
        page = self._parts.settings.issuer + DEVICE
        return (
            200,
            {
                "device_code": begun.device_code,
                "user_code": begun.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?{urlencode({'user_code': begun.user_code})}",
                "expires_in": int(begun.expires_in.total_seconds()),
                "interval": INTERVAL,
            },
            [],
        )

    def _begun(self, client: Client, scope: str, resource: str, network: str) -> Begun:
        for _ in range(_TRIES):
            with suppress(Conflict), self._parts.database.transaction() as tx:
                return requests.begin(
                    tx,
                    self._parts.keyring,
                    client_id=client.client_id,
                    scope=scope,
                    resource=resource,
                    network=network,
                    lifetime=self._parts.settings.lifetimes.device_code,
                )
        raise Unavailable


def _scope(client: Client, asked: str | None) -> str:
    """What the client may have of what it asks for; who somebody is where it asks nothing."""
    check_givable(asked)
    scope = client.allowed_scope(asked or "openid")
    if not scope:
        raise InvalidScopeError("the client may have none of these scopes")
    return scope
