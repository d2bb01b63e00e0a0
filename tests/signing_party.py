"""A relying party with a key of its own: signs its assertions and its request objects."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from idp.foundation.clock import utcnow
from tests.provider import ISSUER, Provider, TestBrowser
from tests.relying_party import RelyingParty

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SigningParty(RelyingParty):
    """A client that authenticates by ``private_key_jwt`` and may sign its requests."""

    def __init__(self, provider: Provider, **metadata: Any) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "own"}, auto_kid=False)
        super().__init__(
            provider,
            **{
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": KeySet([self.key]).as_dict(private=False),
            }
            | metadata,
        )

    def signed(self, claims: dict[str, Any], *, key: Any = None, **header: Any) -> str:
        """A JWT of this client's."""
        header = {"alg": "ES256", "kid": "own"} | header
        return jwt.encode(header, claims, key or self.key, algorithms=[header["alg"]])

    def request_object(self, *, header: Any = None, **changes: Any) -> str:
        """An authorization request as a signed object; a change to None leaves a member out."""
        now = int(utcnow().timestamp())
        claims = {
            **self.parameters(),
            "iss": self.client_id,
            "aud": ISSUER,
            "nbf": now,
            "exp": now + 300,
        } | changes
        said = {name: value for name, value in claims.items() if value is not None}
        return self.signed(said, **({"typ": "oauth-authz-req+jwt"} | (header or {})))

    def assertion(self) -> str:
        """A client assertion, good once."""
        now = int(utcnow().timestamp())
        return self.signed(
            {
                "iss": self.client_id,
                "sub": self.client_id,
                "aud": ISSUER,
                "jti": uuid4().hex,
                "iat": now,
                "exp": now + 60,
            }
        )

    def post(self, path: str, **form: str) -> httpx.Response:
        """Post a form to an endpoint, authenticated by an assertion."""
        own = {
            "client_id": self.client_id,
            "client_assertion": self.assertion(),
            "client_assertion_type": ASSERTION_TYPE,
        }
        return self.http.post(path, data=own | form)

    def by_object(self, browser: TestBrowser, token: str, **beside: str) -> httpx.Response:
        """Send the browser to us with a request object."""
        asked = {"client_id": self.client_id, "request": token} | beside
        return browser.open(f"/authorize?{urlencode(asked)}")


def open_pushed(
    browser: TestBrowser, client_id: str, request_uri: str, **more: str
) -> httpx.Response:
    """Send the browser to us with the name of a pushed request."""
    asked = {"client_id": client_id, "request_uri": request_uri} | more
    return browser.open(f"/authorize?{urlencode(asked)}")
