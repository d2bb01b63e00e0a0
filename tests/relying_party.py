"""A small relying party for tests: makes requests, redeems codes, checks ID tokens."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.provider import ISSUER, Account, Provider, TestBrowser, query


class RelyingParty:
    """A registered client; ``auth`` is how it authenticates at the token endpoint."""

    def __init__(self, provider: Provider, **metadata: Any) -> None:
        self.provider = provider
        registered = provider.register(**metadata)
        self.client_id = registered.record.client_id
        self.secret = registered.client_secret
        self.redirect_uri = registered.record.client_metadata["redirect_uris"][0]
        self.http = TestBrowser(provider, {})
        self.verifier = secrets.token_urlsafe(48)
        self.nonce = secrets.token_urlsafe(8)
        self.state = secrets.token_urlsafe(8)

    @property
    def challenge(self) -> str:
        """The verifier's S256 challenge, computed here from RFC 7636 section 4.2."""
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """An authorization request; a change to None leaves the parameter out."""
        given = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid profile email organizations profile:write offline_access",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "state": self.state,
            "nonce": self.nonce,
        } | changes
        return {name: value for name, value in given.items() if value is not None}

    def authorize(self, browser: TestBrowser, **changes: str | None) -> httpx.Response:
        """Send the browser to us; the page it ends at, or the redirect back."""
        return browser.open(f"/authorize?{urlencode(self.parameters(**changes))}")

    def code(self, browser: TestBrowser, account: Account, **changes: str | None) -> str:
        """Sign in by the page and return the code of the answer."""
        answer = browser.sign_in(account, self.authorize(browser, **changes))
        return self.answer(answer)["code"]

    def answer(self, response: httpx.Response) -> dict[str, str]:
        """The parameters of the redirect back to us."""
        location = response.headers["Location"]
        assert location.startswith(self.redirect_uri), location
        return query(location)

    def post(self, path: str, **form: str) -> httpx.Response:
        """Post a form to an endpoint, authenticated as registered."""
        return self.post_with({}, path, **form)

    def post_with(self, headers: dict[str, str], path: str, **form: str) -> httpx.Response:
        """`post` with more headers."""
        if self.secret:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
            basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
            headers = {"Authorization": basic, **headers}
        else:
            form["client_id"] = self.client_id
        return self.http.post(path, data=form, headers=headers)

    def redeem(self, code: str, **changes: str) -> httpx.Response:
        """Redeem a code."""
        return self.post("/token", **(self.redemption(code) | changes))

    def redemption(self, code: str) -> dict[str, str]:
        """What redeems a code."""
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }

    def refresh(self, refresh_token: str, **changes: str) -> httpx.Response:
        """Ask for the next generation."""
        return self.post(
            "/token", grant_type="refresh_token", refresh_token=refresh_token, **changes
        )

    def tokens(
        self, browser: TestBrowser, account: Account, **changes: str | None
    ) -> dict[str, Any]:
        """Sign in and redeem; the token response."""
        response = self.redeem(self.code(browser, account, **changes))
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def userinfo(self, access_token: str) -> httpx.Response:
        """Ask for the claims."""
        return self.http.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def patch(self, access_token: str, changes: dict[str, Any]) -> httpx.Response:
        """Change the profile."""
        return self.http.patch(
            "/userinfo",
            json=changes,
            headers={
                "Authorization": f"Bearer {access_token}",
                "Content-Type": "application/merge-patch+json",
            },
        )

    def claims(self, token: str) -> dict[str, Any]:
        """The verified claims of a token that we signed."""
        keys = KeySet.import_key_set(self.http.get("/jwks").json())
        opened = jwt.decode(token, keys, algorithms=["RS256", "ES256", "PS256", "EdDSA"])
        assert opened.claims["iss"] == ISSUER
        return opened.claims
