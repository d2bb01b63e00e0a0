"""Introspection and revocation: a caller's own tokens, and those for its resource."""

import json
from base64 import urlsafe_b64decode

import pytest

from idp.authorization.introspection import MEDIA_TYPE
from tests.provider import ISSUER
from tests.relying_party import RelyingParty

API = "https://api.example.fi"


def test_a_resource_server_learns_about_tokens_for_its_resource_alone(
    party: RelyingParty,
) -> None:
    """RFC 7662 section 4, RFC 8707."""
    browser, account = party.provider.browser(), party.provider.person()
    tokens = party.tokens(browser, account, resource=API)
    server = RelyingParty(party.provider, resource=API)
    stranger = RelyingParty(party.provider, resource="https://other.example.fi")
    told = server.post("/introspect", token=tokens["access_token"]).json()
    assert (told["active"], told["aud"], told["client_id"]) == (True, [API], party.client_id)
    for asker, token in (
        (stranger, tokens["access_token"]),
        (server, tokens["refresh_token"]),
        (
            server,
            party.redeem(party.answer(party.authorize(browser))["code"]).json()["access_token"],
        ),
    ):
        assert asker.post("/introspect", token=token).json() == {"active": False}


def test_a_token_names_who_when_and_where(party: RelyingParty) -> None:
    account = party.provider.person()
    tokens = party.tokens(party.provider.browser(), account)
    told = party.post("/introspect", token=tokens["access_token"]).json()
    signed_in = party.claims(tokens["id_token"])
    assert told["username"] == account.username
    assert told["aud"] == told["iss"] == ISSUER
    for same in ("sub", "sid", "org_id", "auth_time", "amr", "acr"):
        assert told[same] == signed_in[same]
    refresh = party.post("/introspect", token=tokens["refresh_token"]).json()
    assert refresh["active"] is True
    assert "token_type" not in refresh


def test_who_accepts_a_jwt_gets_a_signed_answer(party: RelyingParty) -> None:
    """RFC 9701 section 5: ``token_introspection`` holds what plain JSON would."""
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    plain = party.post("/introspect", token=tokens["access_token"]).json()
    answer = party.post_with({"Accept": MEDIA_TYPE}, "/introspect", token=tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/token-introspection+jwt"
    head = json.loads(urlsafe_b64decode(answer.text.partition(".")[0] + "=="))
    assert head["typ"] == "token-introspection+jwt"
    claims = party.claims(answer.text)
    assert claims.keys() == {"iss", "aud", "iat", "token_introspection"}
    assert claims["aud"] == party.client_id
    assert claims["token_introspection"] == plain
    dead = party.post_with({"Accept": MEDIA_TYPE}, "/introspect", token="dead")
    assert party.claims(dead.text)["token_introspection"] == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_another_clients_token_stays_as_it_is(party: RelyingParty, kind: str) -> None:
    """RFC 7009 section 2.1, answered without telling whose it is."""
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    other = RelyingParty(party.provider)
    assert other.post("/revoke", token=tokens[kind]).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 200


def test_what_cannot_be_taken_back_is_named(party: RelyingParty) -> None:
    """RFC 7009 section 2.2.1: an ID token is no token of this endpoint's."""
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    refused = party.post("/revoke", token=tokens["id_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_token_type")
    for unknown in ("x", "a.b.c", "idp_at_x", "idp_rt_x.1.y"):
        assert party.post("/revoke", token=unknown).status_code == 200


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke"])
def test_parameters_come_from_the_body_alone_and_once(party: RelyingParty, path: str) -> None:
    asked = party.post(f"{path}?token=x&grant_type=client_credentials&client_id=y")
    assert (asked.status_code, asked.json()["error"]) == (400, "invalid_request")
    twice = party.http.post(
        path,
        content="token=a&token=b&scope=a&scope=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
