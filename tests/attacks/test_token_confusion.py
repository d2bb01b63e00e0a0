"""No token of one kind passes as another (RFC 8725 section 3.11)."""

from collections.abc import Callable
from typing import Any

import pytest

from idp.signing.jwt import sign
from tests.relying_party import RelyingParty

TYPES = ("JWT", "logout+jwt", "token-introspection+jwt", "dpop+jwt", "oauth-authz-req+jwt", "jwt")


@pytest.fixture
def own(party: RelyingParty) -> RelyingParty:
    """A client with JWT access tokens."""
    return RelyingParty(party.provider, access_token_format="jwt")


@pytest.fixture
def tokens(own: RelyingParty) -> dict[str, Any]:
    """Its tokens for somebody who signed in."""
    return own.tokens(own.provider.browser(), own.provider.person())


def as_type(own: RelyingParty, access_token: str, typ: str, **changes: Any) -> str:
    """The access token's own claims, signed by our own key as another kind."""
    key = own.provider.deployment.signing_keys.active("RS256")
    return sign({**own.claims(access_token), **changes}, key, typ=typ)


@pytest.mark.parametrize("typ", TYPES)
def test_what_we_signed_as_something_else_is_no_access_token(
    own: RelyingParty, tokens: dict[str, Any], typ: str
) -> None:
    confused = as_type(own, tokens["access_token"], typ)
    assert own.userinfo(confused).status_code == 401
    assert own.post("/introspect", token=confused).json() == {"active": False}
    assert own.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.parametrize("wrong", [{"iss": "https://evil.example"}, {"exp": 1}, {"aud": "x"}])
def test_an_access_token_of_another_issuer_time_or_place_is_none(
    own: RelyingParty, tokens: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert own.userinfo(as_type(own, tokens["access_token"], "at+jwt", **wrong)).status_code == 401


CONFUSED: dict[str, Callable[[RelyingParty, dict[str, Any]], bool]] = {
    "an ID token at userinfo": lambda own, told: own.userinfo(told["id_token"]).status_code == 401,
    "a refresh token at userinfo": lambda own, told: (
        own.userinfo(told["refresh_token"]).status_code == 401
    ),
    "an access token as refresh token": lambda own, told: (
        own.refresh(told["access_token"]).json()["error"] == "invalid_grant"
    ),
    "an ID token as refresh token": lambda own, told: (
        own.refresh(told["id_token"]).json()["error"] == "invalid_grant"
    ),
    "an access token as code": lambda own, told: (
        own.redeem(told["access_token"]).json()["error"] == "invalid_grant"
    ),
    "an ID token at introspection": lambda own, told: (
        own.post("/introspect", token=told["id_token"]).json() == {"active": False}
    ),
}


@pytest.mark.parametrize("confusion", CONFUSED)
def test_no_token_passes_as_another(
    own: RelyingParty, tokens: dict[str, Any], confusion: str
) -> None:
    assert CONFUSED[confusion](own, tokens)


def test_an_access_token_is_no_id_token_hint(own: RelyingParty, tokens: dict[str, Any]) -> None:
    browser = own.provider.browser()
    answer = own.answer(own.authorize(browser, prompt="none", id_token_hint=tokens["access_token"]))
    assert answer["error"] == "invalid_request"


def test_a_token_with_an_altered_signature_or_foreign_key_is_none(
    own: RelyingParty, tokens: dict[str, Any]
) -> None:
    head, claims, tag = tokens["access_token"].split(".")
    for forged in (f"{head}.{claims}.", f"{head}.{claims}.{tag[::-1]}", f"{head}..{tag}"):
        assert own.userinfo(forged).status_code == 401
