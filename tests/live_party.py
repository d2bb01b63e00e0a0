"""A relying party and a browser against a running server, for tests that need real processes."""

import base64
import hashlib
import re
import secrets
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.live import LivePerson, LiveServer
from tests.provider import query

REDIRECT_URI = "https://portal.example.fi/callback"
METADATA = {
    "redirect_uris": [REDIRECT_URI],
    "grant_types": ["authorization_code", "refresh_token"],
    "id_token_signed_response_alg": "ES256",
}


class LiveParty:
    """A registered client with a secret; PKCE with one verifier."""

    def __init__(self, server: LiveServer, **metadata: Any) -> None:
        self.server = server
        information = server.register({**METADATA, **metadata})
        self.redirect_uri: str = information["redirect_uris"][0]
        self.credentials = (information["client_id"], information["client_secret"])
        self.verifier = secrets.token_urlsafe(48)

    def authorization_request(self) -> str:
        """The address that the browser is sent to."""
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        parameters = {
            "client_id": self.credentials[0],
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid profile",
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.server.issuer}/authorize?{urlencode(parameters)}"

    def code(self, browser: httpx.Client, person: LivePerson) -> str:
        """A code, by the sign-in page where the browser has no session yet."""
        response = browser.get(self.authorization_request())
        if "/login" in response.headers["Location"]:
            page = browser.get(response.headers["Location"])
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert token, page.text
            form = {
                "csrf_token": token[1],
                "username": person.username,
                "password": person.password,
            }
            response = browser.post(page.url, data=form)
            assert response.status_code == 303, response.text
        return query(response.headers["Location"])["code"]

    def redeem(self, client: httpx.Client, code: str) -> httpx.Response:
        """Redeem a code."""
        return self._token(
            client,
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            code_verifier=self.verifier,
        )

    def redeem_here(self, code: str) -> dict[str, Any]:
        """Redeem a code that a real browser brought; the tokens."""
        with httpx.Client() as client:
            tokens: dict[str, Any] = self.redeem(client, code).json()
            return tokens

    def refresh(self, client: httpx.Client, refresh_token: str) -> httpx.Response:
        """Ask for the next generation."""
        return self._token(client, grant_type="refresh_token", refresh_token=refresh_token)

    def userinfo(self, client: httpx.Client, access_token: str) -> httpx.Response:
        """Ask for the claims."""
        return client.get(
            f"{self.server.issuer}/userinfo", headers={"Authorization": f"Bearer {access_token}"}
        )

    def _token(self, client: httpx.Client, **form: Any) -> httpx.Response:
        return self.post(client, "/token", **form)

    def post(self, client: httpx.Client, path: str, **form: Any) -> httpx.Response:
        """Post a form to an endpoint, with our credentials."""
        return client.post(f"{self.server.issuer}{path}", data=form, auth=self.credentials)
