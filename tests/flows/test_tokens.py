"""Codes and refresh tokens: redeemed once, refreshed in families, revoked whole (RFC 9700)."""

import base64
import json
from datetime import timedelta

import pytest

from idp.foundation.clock import shifted
from tests.relying_party import RelyingParty


def test_replaying_a_code_revokes_what_it_gave(party: RelyingParty) -> None:
    code = party.code(party.provider.browser(), party.provider.person())
    tokens = party.redeem(code).json()
    replay = party.redeem(code)
    assert replay.status_code == 400
    assert replay.json()["error"] == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_lives_sixty_seconds(party: RelyingParty) -> None:
    account, browser = party.provider.person(), party.provider.browser()
    code = party.code(browser, account)
    with shifted(timedelta(seconds=59)):
        assert party.redeem(code).status_code == 200
    code = party.answer(party.authorize(browser))["code"]
    with shifted(timedelta(seconds=61)):
        assert party.redeem(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "A" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "https://portal.example.fi/other"},
        {"redirect_uri": ""},
    ],
)
def test_a_wrong_verifier_or_redirect_uri_burns_the_code(
    party: RelyingParty, changes: dict[str, str]
) -> None:
    code = party.code(party.provider.browser(), party.provider.person())
    assert party.redeem(code, **changes).json()["error"] == "invalid_grant"
    assert party.redeem(code).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_its_own_client_only(party: RelyingParty) -> None:
    other = RelyingParty(party.provider)
    other.verifier = party.verifier
    code = party.code(party.provider.browser(), party.provider.person())
    assert other.redeem(code).json()["error"] == "invalid_grant"
    assert party.redeem(code).status_code == 200


def test_refreshing_rotates_and_keeps_auth_time(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    first = party.claims(tokens["id_token"])
    with shifted(timedelta(minutes=3)):
        response = party.refresh(tokens["refresh_token"])
        again = party.claims(response.json()["id_token"])
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json()["refresh_token"] != tokens["refresh_token"]
    assert again["auth_time"] == first["auth_time"]
    assert again["iat"] > first["iat"]
    assert again["sub"] == first["sub"]
    assert "nonce" not in again


def test_a_lost_answer_may_be_asked_again_within_the_grace_without_a_fork(
    party: RelyingParty,
) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    lost = party.refresh(tokens["refresh_token"]).json()
    with shifted(timedelta(seconds=29)):
        again = party.refresh(tokens["refresh_token"]).json()
    assert again["refresh_token"] == lost["refresh_token"]
    assert party.refresh(again["refresh_token"]).status_code == 200


def test_reusing_a_refresh_token_after_the_grace_kills_the_family(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    newer = party.refresh(tokens["refresh_token"]).json()
    with shifted(timedelta(seconds=31)):
        assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.refresh(newer["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.userinfo(newer["access_token"]).status_code == 401


def test_an_older_generation_kills_the_family_even_within_the_grace(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    second = party.refresh(tokens["refresh_token"]).json()
    third = party.refresh(second["refresh_token"]).json()
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.refresh(third["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_forged_refresh_token_harms_nobody(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    stem, _, tag = tokens["refresh_token"].rpartition(".")
    forged = f"{stem}.{tag[:-2]}AA"
    assert party.refresh(forged).json()["error"] == "invalid_grant"
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_a_family_ends_thirty_days_after_the_code(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    with shifted(timedelta(days=30, seconds=1)):
        assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_refreshing_may_narrow_the_scope_but_not_widen_it(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person(), scope="openid email")
    narrow = party.refresh(tokens["refresh_token"], scope="openid").json()
    assert narrow["scope"] == "openid"
    assert "email" not in party.userinfo(narrow["access_token"]).json()
    wide = party.refresh(narrow["refresh_token"], scope="openid profile")
    assert wide.json()["error"] == "invalid_scope"


def test_a_client_without_the_grant_type_gets_no_refresh_token(party: RelyingParty) -> None:
    plain = RelyingParty(party.provider, grant_types=["authorization_code"])
    tokens = plain.tokens(party.provider.browser(), party.provider.person())
    assert "refresh_token" not in tokens


def test_an_access_token_ends_after_ten_minutes(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    assert tokens["expires_in"] == 600
    with shifted(timedelta(seconds=599)):
        assert party.userinfo(tokens["access_token"]).status_code == 200
    with shifted(timedelta(seconds=601)):
        answer = party.userinfo(tokens["access_token"])
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_revoking_a_refresh_token_ends_its_family(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    assert party.post("/revoke", token=tokens["refresh_token"]).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoking_an_access_token_leaves_the_family_alive(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    for _ in range(2):
        assert party.post("/revoke", token=tokens["access_token"]).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.post("/introspect", token=tokens["access_token"]).json() == {"active": False}
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_revoking_what_is_not_yours_or_nonsense_answers_200_and_does_nothing(
    party: RelyingParty,
) -> None:
    other = RelyingParty(party.provider)
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    assert other.post("/revoke", token=tokens["refresh_token"]).status_code == 200
    assert other.post("/revoke", token="nonsense").status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_introspection_tells_a_caller_about_its_own_tokens_only(party: RelyingParty) -> None:
    other = RelyingParty(party.provider)
    account = party.provider.person()
    tokens = party.tokens(party.provider.browser(), account)
    own = party.post("/introspect", token=tokens["access_token"]).json()
    assert own["active"] is True
    assert own["sub"] == account.id
    assert own["client_id"] == party.client_id
    assert party.post("/introspect", token=tokens["refresh_token"]).json()["active"] is True
    for token in (tokens["access_token"], tokens["refresh_token"], "nonsense"):
        assert other.post("/introspect", token=token).json() == {"active": False}


def test_no_token_of_one_kind_passes_as_another(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    assert party.userinfo(tokens["refresh_token"]).status_code == 401
    assert party.userinfo(tokens["id_token"]).status_code == 401
    assert party.refresh(tokens["access_token"]).json()["error"] == "invalid_grant"
    assert party.redeem(tokens["access_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_id_tokens_are_signed_as_registered(party: RelyingParty, alg: str) -> None:
    client = RelyingParty(party.provider, id_token_signed_response_alg=alg)
    token = client.tokens(party.provider.browser(), party.provider.person())["id_token"]
    head = token.split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert header["alg"] == alg
    assert header["kid"]
    assert client.claims(token)["aud"] == client.client_id
