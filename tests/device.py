"""A device that signs people in by a code on its screen (RFC 8628)."""

from typing import Any

import httpx

from idp.clients.metadata.algorithms import DEVICE_CODE
from tests.provider import Account, Provider, TestBrowser
from tests.relying_party import RelyingParty

SCOPE = "openid profile offline_access"


class Device(RelyingParty):
    """A public client on a screen without a keyboard."""

    def __init__(self, provider: Provider, **metadata: Any) -> None:
        super().__init__(
            provider,
            **{
                "grant_types": ["authorization_code", "refresh_token", DEVICE_CODE],
                "token_endpoint_auth_method": "none",
                "client_name": "Laatunäyttö",
                "client_name#fi": "Laatunäyttö",
            }
            | metadata,
        )
        self.codes: dict[str, Any] = {}

    def begin(self, **form: str) -> dict[str, Any]:
        """Ask for codes."""
        response = self.post("/device_authorization", **({"scope": SCOPE} | form))
        assert response.status_code == 200, response.text
        self.codes = response.json()
        return self.codes

    def poll(self, **form: str) -> httpx.Response:
        """Ask for tokens."""
        code = self.codes["device_code"]
        return self.post("/token", grant_type=DEVICE_CODE, device_code=code, **form)

    def question(self, browser: TestBrowser, account: Account) -> httpx.Response:
        """Type the code, sign in, and see the question."""
        page = browser.submit(browser.open("/device"), user_code=self.codes["user_code"])
        return browser.sign_in(account, page)
