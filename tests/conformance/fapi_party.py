"""A client held to a FAPI 2.0 profile, as the suite plays one."""

import time
from typing import Any
from uuid import uuid4

import httpx

from tests.dpop import ProofKey
from tests.provider import ISSUER, TestBrowser
from tests.signing_party import ASSERTION_TYPE, SigningParty, open_pushed


class FapiParty(SigningParty):
    """A client of one of the profiles: pushes, signs if it must, proves at the token endpoint."""

    def __init__(self, provider: Any, profile: str, **metadata: Any) -> None:
        super().__init__(provider, fapi_profile=profile, **metadata)
        self.must_sign = profile == "fapi2_message_signing"
        self.proving = ProofKey()

    def assert_as(self, **changes: Any) -> str:
        """A client assertion; a change to None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 60,
        } | changes
        return self.signed({name: value for name, value in claims.items() if value is not None})

    def send(self, path: str, assertion: str = "", proof: str = "", **form: str) -> httpx.Response:
        """Post a form with an assertion, and a proof where one is given."""
        own = {
            "client_id": self.client_id,
            "client_assertion": assertion or self.assert_as(),
            "client_assertion_type": ASSERTION_TYPE,
        }
        return self.http.post(path, data=own | form, headers={"DPoP": proof} if proof else {})

    def push(self, assertion: str = "", **changes: Any) -> httpx.Response:
        """Push a request as the profile demands."""
        if self.must_sign:
            return self.send("/par", assertion, request=self.request_object(**changes))
        return self.send("/par", assertion, **self.parameters(**changes))

    def answer_to(self, browser: TestBrowser, **changes: Any) -> httpx.Response:
        """Push, and send the browser with the name of it."""
        pushed = self.push(**changes)
        assert pushed.status_code == 201, pushed.text
        return open_pushed(browser, self.client_id, pushed.json()["request_uri"])

    def exchange(self, code: str, key: ProofKey | None = None, **proof: Any) -> httpx.Response:
        """Redeem a code with a proof; twice where a nonce is asked for."""
        key = key or self.proving
        form = self.redemption(code)
        response = key.keep_nonce(self.send("/token", proof=key.proof("POST", "/token"), **form))
        if response.json().get("error") == "use_dpop_nonce":
            response = self.send("/token", proof=key.proof("POST", "/token", **proof), **form)
        return response
