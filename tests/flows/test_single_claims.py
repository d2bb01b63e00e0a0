"""Single claims that a request asks for (OpenID Connect Core section 5.5)."""

import pytest

from idp.foundation.clock import utcnow
from tests.flows.parameters import ACR, claims_parameter
from tests.provider import Provider
from tests.relying_party import RelyingParty


def test_single_claims_come_where_they_were_asked_for(party: RelyingParty) -> None:
    account = party.provider.person()
    tokens = party.tokens(
        party.provider.browser(),
        account,
        scope="openid",
        claims=claims_parameter(
            id_token={"given_name": None, "shoe_size": {"essential": True}},
            userinfo={"family_name": {"essential": True}},
        ),
    )
    said = party.claims(tokens["id_token"])
    userinfo = party.userinfo(tokens["access_token"]).json()
    assert said["given_name"] == "Maija"
    assert "family_name" not in said
    assert not {"shoe_size", "org_name", "org_roles"} & said.keys()
    assert userinfo["family_name"] == "Meikäläinen"
    assert "given_name" not in userinfo


@pytest.mark.parametrize(("wished", "is_said"), [("Maija", True), ("Mikko", False)])
def test_a_claim_asked_for_with_a_value_comes_with_that_value_or_not_at_all(
    party: RelyingParty, wished: str, is_said: bool
) -> None:
    asked = claims_parameter(
        id_token={"given_name": {"value": wished}},
        userinfo={"given_name": {"values": [wished, "Kaisa"], "essential": True}},
    )
    browser, account = party.provider.browser(), party.provider.person()
    tokens = party.tokens(browser, account, scope="openid", claims=asked)
    assert ("given_name" in party.claims(tokens["id_token"])) is is_said
    assert ("given_name" in party.userinfo(tokens["access_token"]).json()) is is_said


def test_single_claims_come_again_on_refresh(party: RelyingParty) -> None:
    account = party.provider.person()
    asked = claims_parameter(id_token={"given_name": None})
    tokens = party.tokens(
        party.provider.browser(), account, scope="openid offline_access", claims=asked
    )
    refreshed = party.refresh(tokens["refresh_token"]).json()
    assert party.claims(refreshed["id_token"])["given_name"] == "Maija"


def test_a_claim_cannot_replace_what_the_id_token_itself_says(party: RelyingParty) -> None:
    account = party.provider.person()
    asked = claims_parameter(id_token={"sub": None, "auth_time": {"essential": True}, "acr": None})
    tokens = party.tokens(party.provider.browser(), account, claims=asked)
    said = party.claims(tokens["id_token"])
    assert (said["sub"], said["acr"]) == (account.id, ACR)
    assert said["auth_time"] <= utcnow().timestamp()


def test_single_claims_go_no_further_than_the_registered_scope(provider: Provider) -> None:
    provider.organization()
    party = RelyingParty(provider, scope="openid")
    asked = claims_parameter(userinfo={"given_name": None, "org": None})
    tokens = party.tokens(provider.browser(), provider.person(), scope="openid", claims=asked)
    assert "given_name" not in party.userinfo(tokens["access_token"]).json()


def test_a_sub_in_claims_lets_only_that_person_answer(party: RelyingParty) -> None:
    account = party.provider.person()
    other = party.provider.person("mikko@example.fi")
    browser = party.provider.browser()
    party.code(browser, account)
    his = claims_parameter(id_token={"sub": {"value": other.id}})
    hers = claims_parameter(id_token={"sub": {"value": account.id}})
    assert "code" in party.answer(party.authorize(browser, claims=hers))
    silent = party.answer(party.authorize(browser, claims=his, prompt="none"))
    assert silent["error"] == "login_required"


@pytest.mark.parametrize("claims", ["x", "[]", '{"id_token": 1}'])
def test_a_claims_parameter_that_is_none_is_an_error_for_the_client(
    party: RelyingParty, claims: str
) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), claims=claims))
    assert answer["error"] == "invalid_request"
