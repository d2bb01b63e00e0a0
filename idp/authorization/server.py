"""Authlib's authorization server on our request and response values, and strict.

Authlib merges query and body, lets several authentication methods pass and prefers whichever works
(docs/decisions/003-authlib.md); here parameters come from the POST body alone, a repeated one is
refused, and a client authenticates in exactly its registered way, on every endpoint.
"""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from idp.audit import Actor
from idp.authorization.access_tokens import AccessTokens
from idp.authorization.assertion import ASSERTION_TYPE, Assertions, Presented, read_assertion
from idp.authorization.dpop import NONCE_HEADER, InvalidDPoPProof, Proofs
from idp.authorization.id_token import IdTokens
from idp.authorization.request.errors import named
from idp.authorization.resources import checked
from idp.clients.client import Client
from idp.clients.client_keys import ClientKeys
from idp.clients.registry import Clients
from idp.foundation.clock import utcnow
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_reference
from idp.foundation.web.protocol import Request, Response, json_response


class ProtocolRequest(OAuth2Request):
    """Authlib's request made from our value: a POST body, each parameter once."""

    client: Client

    def __init__(self, request: Request) -> None:
        super().__init__(request.method, request.url, headers=request.headers)
        twice = [name for name in request.form.repeated if name != "resource"]
        if twice:
            raise InvalidRequestError(f"{named(twice[0])} is given more than once")
        self.asked = request
        self.payload = BasicOAuth2Payload(dict(request.form))
        self.path = request.path
        self.by = Actor(
            kind="client",
            id=None,
            network=request.remote_address,
            reference=random_reference(),
        )

    @property
    def form(self) -> dict[str, str]:
        """The body's parameters."""
        parameters: dict[str, str] = self.payload.data
        return parameters

    @property
    def resource(self) -> tuple[str, ...]:
        """The resources asked for, the one parameter that may repeat (RFC 8707 section 2)."""
        return checked(self.asked.form.every("resource"))


class ProtocolServer(AuthorizationServer):
    """The registry of grants and token endpoints; stateless, shared by all threads."""

    def __init__(
        self,
        parts: Parts,
        clients: Clients,
        client_keys: ClientKeys,
        *,
        id_tokens: IdTokens,
        access_tokens: AccessTokens,
        proofs: Proofs,
    ) -> None:
        super().__init__()
        self.parts = parts
        self.id_tokens = id_tokens
        self.access_tokens = access_tokens
        self._proofs = proofs
        self._clients = clients
        self._assertions = Assertions(parts, client_keys)

    def query_client(self, client_id: str) -> Client | None:
        """The registered client; None if unknown or disabled."""
        return self._clients.find(client_id)

    def create_oauth2_request(self, request: Request | ProtocolRequest) -> ProtocolRequest:
        """Our request value in Authlib's words."""
        return request if isinstance(request, ProtocolRequest) else ProtocolRequest(request)

    def handle_response(
        self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]
    ) -> Response:
        """Authlib's answer as our response value; ours always says ``no-store``."""
        challenge = [("WWW-Authenticate", f'Basic realm="{self.parts.settings.issuer}"')]
        return json_response(body, status, challenge if status == 401 else None)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: the audit log is the stream that others follow."""

    def authenticate_client(
        self, request: ProtocolRequest, methods: object = None, endpoint: str = "token"
    ) -> Client:
        """The client, by its one registered method; InvalidClientError (401) otherwise."""
        client_id, method, proof = _credentials(request)
        client = self._clients.find(client_id)
        if client is None or client.auth_method != method:
            raise _refused()
        if isinstance(proof, Presented):
            self._assertions.accept(client, proof, self.parts.settings.issuer + request.path)
        elif method != "none" and not client.secret_matches(proof, utcnow()):
            raise _refused()
        request.client, request.auth_method = client, method
        return client

    def shown_key(self, request: ProtocolRequest) -> str | None:
        """The thumbprint of the key that the request proves to hold; None without a proof."""
        return self._proofs.prove(request.asked)

    def prove_possession(self, request: ProtocolRequest) -> str | None:
        """The thumbprint of the key that the tokens are to be bound to; None without a proof.

        InvalidDPoPProof where the client is registered to prove and does not (RFC 9449 5.2).
        """
        jkt = self.shown_key(request)
        if jkt is None and request.client.metadata.get("dpop_bound_access_tokens"):
            raise InvalidDPoPProof("this client must prove possession of a key")
        return jkt

    def respond(self, request: Request, endpoint: Any) -> Response:
        """Run ``endpoint``, a function of a ProtocolRequest, inside Authlib's error edge."""
        try:
            answer = endpoint(self.create_oauth2_request(request))
            response = answer if isinstance(answer, Response) else self.handle_response(*answer)
        except OAuth2Error as error:
            response = self.handle_response(*error())
        if "dpop" in request.headers:
            response.headers.append((NONCE_HEADER, self._proofs.nonce()))
        return response


def _credentials(request: ProtocolRequest) -> tuple[str, str, str | Presented]:
    """(client_id, method, proof) as presented; more than one way at once is refused."""
    form, authorization = request.form, request.headers.get("authorization", "")
    ways = [
        way
        for way, used in (
            ("basic", bool(authorization)),
            ("post", "client_secret" in form),
            ("jwt", "client_assertion" in form or "client_assertion_type" in form),
        )
        if used
    ]
    if len(ways) > 1:
        raise InvalidRequestError("authenticate in one way only")
    client_id = form.get("client_id", "")
    match ways:
        case ["basic"]:
            basic_id, secret = _basic(authorization)
            if client_id not in ("", basic_id):
                raise InvalidRequestError("client_id is not the one that authenticates")
            return basic_id, "client_secret_basic", secret
        case ["post"]:
            return client_id, "client_secret_post", form["client_secret"]
        case ["jwt"]:
            presented = _assertion(form)
            if client_id not in ("", presented.client_id):
                raise _refused()
            return presented.client_id, presented.method, presented
        case _:
            return client_id, "none", ""


def _assertion(form: dict[str, str]) -> Presented:
    """The assertion of the form (RFC 7521 section 4.2)."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidRequestError(f"client_assertion_type must be {ASSERTION_TYPE}")
    if "client_assertion" not in form:
        raise InvalidRequestError("client_assertion is missing")
    return read_assertion(form["client_assertion"])


def _basic(authorization: str) -> tuple[str, str]:
    """Form-url-decoded halves of Basic credentials (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
        client_id, separator, secret = decoded.partition(":")
        if not separator:
            raise ValueError("no colon")
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, binascii.Error) as error:
        raise _refused() from error


def _refused() -> InvalidClientError:
    """One answer for every way in which a client failed to prove itself."""
    return InvalidClientError(status_code=401, description="client authentication failed")
