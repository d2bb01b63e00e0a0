"""JWT access tokens for resource servers (RFC 9068), for the resource asked for (RFC 8707)."""

from typing import Any

import pytest

from tests.provider import ISSUER, query
from tests.relying_party import RelyingParty

API, OTHER = "https://api.example.fi", "https://other.example.fi/v1"


@pytest.fixture
def code(party: RelyingParty) -> str:
    """A code for somebody who signed in, good for `API`."""
    return party.code(party.provider.browser(), party.provider.person(), resource=API)


def test_a_resource_gets_a_jwt_of_its_own(party: RelyingParty, code: str) -> None:
    tokens = party.redeem(code).json()
    claims, signed_in = party.claims(tokens["access_token"]), party.claims(tokens["id_token"])
    assert claims["aud"] == API
    assert claims["client_id"] == party.client_id
    assert claims["scope"] == tokens["scope"]
    for same in ("sub", "auth_time", "amr", "acr", "org_id", "sid"):
        assert claims[same] == signed_in[same]
    assert {"iss", "iat", "exp", "jti"} <= claims.keys()


def test_our_own_endpoints_refuse_a_token_for_another_resource(
    party: RelyingParty, code: str
) -> None:
    """RFC 9068 section 4: ``aud`` must name the one who is asked."""
    refused = party.userinfo(party.redeem(code).json()["access_token"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_a_token_for_us_is_to_be_had_beside_it(party: RelyingParty, code: str) -> None:
    tokens = party.redeem(code).json()
    own = party.refresh(tokens["refresh_token"], resource=ISSUER).json()
    assert party.userinfo(own["access_token"]).status_code == 200
    api = party.refresh(own["refresh_token"], resource=API).json()
    assert party.claims(api["access_token"])["aud"] == API


def test_a_resource_that_was_not_granted_is_refused(party: RelyingParty, code: str) -> None:
    """RFC 8707 section 2.2; the refused refresh does not move the family on."""
    refused = party.redeem(code, resource=OTHER)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    again = party.answer(party.authorize(_signed_in(party), resource=API))["code"]
    tokens = party.redeem(again).json()
    for _ in range(3):
        wrong = party.refresh(tokens["refresh_token"], resource=OTHER)
        assert wrong.json()["error"] == "invalid_target"
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def _signed_in(party: RelyingParty) -> Any:
    browser = party.provider.browser()
    browser.sign_in(party.provider.person("toinen@example.fi"))
    return browser


@pytest.mark.parametrize("resource", ["api", "https://api.example.fi/#x", "/path", "https://a b"])
def test_a_malformed_resource_is_refused(party: RelyingParty, code: str, resource: str) -> None:
    assert party.redeem(code, resource=resource).json()["error"] == "invalid_target"
    answer = party.authorize(party.provider.browser(), resource=resource)
    assert query(answer.headers["Location"])["error"] == "invalid_target"


def test_a_client_registered_for_jwts_uses_them_at_our_endpoints_too(
    party: RelyingParty,
) -> None:
    own = RelyingParty(party.provider, access_token_format="jwt")
    tokens = own.tokens(party.provider.browser(), party.provider.person())
    assert own.claims(tokens["access_token"])["aud"] == ISSUER
    assert own.userinfo(tokens["access_token"]).status_code == 200
    assert own.post("/introspect", token=tokens["access_token"]).json()["active"] is True
    assert own.post("/revoke", token=tokens["access_token"]).status_code == 200
    assert own.userinfo(tokens["access_token"]).status_code == 401
    renewed = own.refresh(tokens["refresh_token"]).json()
    assert own.post("/revoke", token=renewed["refresh_token"]).status_code == 200
    assert own.userinfo(renewed["access_token"]).status_code == 401


def test_a_pairwise_client_knows_the_person_by_one_name_everywhere(party: RelyingParty) -> None:
    """OpenID Connect Core section 8.1."""
    pairwise = RelyingParty(party.provider, subject_type="pairwise", access_token_format="jwt")
    account = party.provider.person()
    tokens = pairwise.tokens(party.provider.browser(), account)
    subject = pairwise.claims(tokens["id_token"])["sub"]
    assert subject != account.id
    assert pairwise.claims(tokens["access_token"])["sub"] == subject
    assert pairwise.userinfo(tokens["access_token"]).json()["sub"] == subject
    assert pairwise.post("/introspect", token=tokens["access_token"]).json()["sub"] == subject
