"""Modules of the suite's Basic and Dynamic plans about ways to ask, to sign and to be known."""

import base64
import hashlib
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey, RSAKey

from idp.foundation.clock import shifted
from idp.foundation.fetch.fetcher import Fetched, Fetcher
from tests.provider import ISSUER, TestBrowser
from tests.relying_party import RelyingParty
from tests.signing_party import SigningParty

UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()


def redeemed(party: RelyingParty, browser: TestBrowser, **changes: str) -> dict[str, Any]:
    """The token response of a request."""
    answer = party.redeem(party.answer(party.authorize(browser, **changes))["code"])
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def header(token: str) -> dict[str, Any]:
    """A JWT's header."""
    part = token.partition(".")[0]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said


def test_oidcc_server_and_idtoken_signature(party: RelyingParty, browser: TestBrowser) -> None:
    """OIDC Core sections 2, 3.1.3.3 and 3.1.3.6, RFC 6749 section 5.1."""
    said = redeemed(party, browser)
    assert said["token_type"] == "Bearer"
    assert isinstance(said["expires_in"], int)
    token = said["id_token"]
    assert header(token)["alg"] == "RS256"
    published = {key["kid"] for key in party.http.get("/jwks").json()["keys"]}
    assert header(token)["kid"] in published
    claims = party.claims(token)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, party.client_id, party.nonce)
    assert claims["iat"] < claims["exp"]
    assert claims["auth_time"] <= claims["iat"]
    assert re.fullmatch(r"[\x21-\x7e]{1,255}", claims["sub"])
    half = hashlib.sha256(said["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert party.userinfo(said["access_token"]).json()["sub"] == claims["sub"]


def test_oidcc_alternate_happy_flow(party: RelyingParty, browser: TestBrowser) -> None:
    """RFC 6749 section 3.3: neither scopes nor parameters stand in any order that counts."""
    asked = party.parameters(scope="email openid")
    backwards = urlencode(list(reversed(asked.items())))
    code = party.answer(browser.open(f"/authorize?{backwards}"))["code"]
    said = party.redeem(code).json()
    assert set(said["scope"].split()) == {"email", "openid"}


def test_oidcc_scope_all_and_scope_profile(party: RelyingParty, browser: TestBrowser) -> None:
    """OIDC Core section 5.4: what is known of the claims of each scope, no empty one."""
    profile = redeemed(party, browser, scope="openid profile")
    said = party.userinfo(profile["access_token"]).json()
    assert {"name", "given_name", "family_name", "preferred_username"} <= said.keys()
    assert "email" not in said
    offered = party.http.get("/.well-known/openid-configuration").json()["scopes_supported"]
    every = redeemed(party, browser, scope=" ".join(offered))
    more = party.userinfo(every["access_token"]).json()
    assert said.keys() <= more.keys()
    assert not [name for name, value in more.items() if value in (None, "")]


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_oidcc_idtoken_rs256_and_userinfo_rs256(
    party: RelyingParty, browser: TestBrowser, alg: str
) -> None:
    """OIDC Core sections 2 and 5.3.2: signed as registered, and then ``iss`` and ``aud`` too."""
    signed = RelyingParty(
        party.provider, id_token_signed_response_alg=alg, userinfo_signed_response_alg=alg
    )
    said = redeemed(signed, browser)
    answer = signed.userinfo(said["access_token"])
    assert answer.headers["Content-Type"].startswith("application/jwt")
    claims = signed.claims(answer.text)
    assert (header(said["id_token"])["alg"], header(answer.text)["alg"]) == (alg, alg)
    assert (claims["iss"], claims["aud"]) == (ISSUER, signed.client_id)
    assert claims["sub"] == signed.claims(said["id_token"])["sub"]


def test_oidcc_ensure_request_object_with_redirect_uri(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 6.1: the object's redirect URI counts, not the one beside it."""
    signer = SigningParty(party.provider)
    beside = {"redirect_uri": "https://other.example.fi/cb", "scope": "openid"}
    answer = signer.by_object(browser, signer.request_object(), response_type="code", **beside)
    assert "code" in signer.answer(answer)


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 6.1: by value refused by its name; nothing of it counts."""
    payload = base64.urlsafe_b64encode(b'{"state":"other"}').rstrip(b"=").decode()
    answer = party.answer(party.authorize(browser, request=f"{UNSIGNED}.{payload}."))
    assert answer["error"] in ("request_not_supported", "invalid_request_object")
    assert answer["state"] == party.state


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """OIDC Core section 6.2, and from an address that is not registered."""
    answer = party.answer(party.authorize(browser, request_uri="https://rp.example.fi/r.jwt"))
    assert answer["error"] in ("request_uri_not_supported", "invalid_request_uri")
    assert answer["state"] == party.state


def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(
    party: RelyingParty, browser: TestBrowser
) -> None:
    """The issuer as audience, as every specification since RFC 7523bis wants it."""
    signer = SigningParty(party.provider)
    assert redeemed(signer, browser)["id_token"]


def test_oidcc_refresh_token_rp_key_rotation(
    party: RelyingParty, browser: TestBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OIDC Core section 10.1.1: a new key of the client's counts without our being told."""
    published: list[ECKey | RSAKey] = []

    def get(_self: Fetcher, _url: str, *_args: Any, **_limits: Any) -> Fetched:
        keys = [key.as_dict(private=False) for key in published]
        return Fetched(status=200, headers={}, body=json.dumps({"keys": keys}).encode())

    monkeypatch.setattr(Fetcher, "get", get)
    signer = SigningParty(
        party.provider, jwks=None, jwks_uri=f"https://rp.example.fi/{uuid4().hex}"
    )

    def rotate() -> None:
        signer.key = RSAKey.generate_key(2048, {"kid": uuid4().hex}, auto_kid=False)  # type: ignore[assignment]
        published[:] = [signer.key]

    sign = signer.signed
    monkeypatch.setattr(
        signer, "signed", lambda claims: sign(claims, alg="RS256", kid=signer.key.kid)
    )
    rotate()
    token = redeemed(signer, browser, scope="openid offline_access")["refresh_token"]
    rotate()
    with shifted(timedelta(seconds=60)):
        assert signer.refresh(token).status_code == 200
