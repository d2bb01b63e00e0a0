"""What the standards say in half a sentence and clients rely on all the same."""

from typing import Any

import httpx
import pytest

from tests.provider import ISSUER, PASSWORD, Provider
from tests.relying_party import RelyingParty

EMPTY = ("prompt", "max_age", "nonce", "request", "request_uri", "acr_values", "claims", "resource")


@pytest.mark.parametrize("name", EMPTY)
def test_a_parameter_without_a_value_is_absent(party: RelyingParty, name: str) -> None:
    """RFC 6749 section 3.1."""
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    assert "code" in party.answer(party.authorize(browser, **{name: ""}))


def test_an_empty_state_does_not_come_back(party: RelyingParty) -> None:
    """RFC 6749 sections 3.1 and 4.1.2."""
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    assert "state" not in party.answer(party.authorize(browser, state=""))


def test_the_token_endpoint_takes_an_empty_parameter_for_none(party: RelyingParty) -> None:
    """RFC 6749 section 3.2."""
    tokens = party.tokens(party.provider.browser(), party.provider.person(), scope="openid email")
    answer = party.refresh(tokens["refresh_token"], scope="", resource="")
    assert answer.json()["scope"] == "openid email"


def answers_of_the_token_endpoint(party: RelyingParty) -> list[httpx.Response]:
    """Its answer to a code, to a refresh token and to nonsense, and what introspection says."""
    code = party.code(party.provider.browser(), party.provider.person())
    redeemed = party.redeem(code)
    refreshed = party.refresh(redeemed.json()["refresh_token"])
    told = party.post("/introspect", token=refreshed.json()["access_token"])
    return [redeemed, refreshed, told, party.refresh("nonsense")]


def test_no_answer_with_a_token_or_about_one_is_stored(party: RelyingParty) -> None:
    """RFC 6749 section 5.1; section 5.2 has the same for errors."""
    answers = answers_of_the_token_endpoint(party)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 400]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Pragma"] == "no-cache"
        assert answer.headers["Content-Type"].startswith("application/json")


def challenge(answer: httpx.Response) -> str:
    """What the client is told at a protected endpoint."""
    said: str = answer.headers["WWW-Authenticate"]
    return said


def test_the_challenge_says_what_is_wrong_and_nothing_where_nobody_tried(
    party: RelyingParty,
) -> None:
    """RFC 6750 sections 3 and 3.1."""
    token = party.tokens(party.provider.browser(), party.provider.person(), scope="openid")[
        "access_token"
    ]
    bearer = {"Authorization": f"Bearer {token}"}
    silent = party.http.get("/userinfo")
    assert (silent.status_code, "error" in challenge(silent)) == (401, False)
    dead = party.http.get("/userinfo", headers={"Authorization": "Bearer idp_at_x"})
    assert (dead.status_code, 'error="invalid_token"' in challenge(dead)) == (401, True)
    twice = party.http.post("/userinfo", data={"access_token": token}, headers=bearer)
    assert (twice.status_code, 'error="invalid_request"' in challenge(twice)) == (400, True)
    short = party.patch(token, {"title": "x"})
    assert (short.status_code, 'error="insufficient_scope"' in challenge(short)) == (403, True)


def test_a_verifier_for_a_code_that_was_asked_for_without_a_challenge_is_refused(
    provider: Provider,
) -> None:
    """RFC 9700 section 4.8.2: nobody strips the challenge from a request on its way."""
    provider.organization()
    party = RelyingParty(provider, require_pkce=False)
    browser = provider.browser()
    browser.sign_in(provider.person())
    bare: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
    code = party.answer(party.authorize(browser, **bare))["code"]
    assert party.redeem(code).json()["error"] == "invalid_grant"
    code = party.answer(party.authorize(browser, **bare))["code"]
    assert party.redeem(code, code_verifier="").status_code == 200


def test_a_password_that_was_posted_is_never_posted_on(party: RelyingParty) -> None:
    """RFC 9700 section 4.12: 303, so that the browser forgets what it sent."""
    account, browser = party.provider.person(), party.provider.browser()
    page = party.authorize(browser)
    form = {"username": account.username, "password": PASSWORD}
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = browser.post(page.url, data=form | {"csrf_token": token})
    assert answer.status_code == 303
    assert PASSWORD not in answer.headers["Location"]


def test_every_answer_of_the_authorization_endpoint_says_who_gives_it(
    party: RelyingParty,
) -> None:
    """RFC 9207 section 2: codes and errors, in the query, a form or a JWT."""
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    for asked in ({}, {"prompt": "none", "max_age": "0"}, {"response_type": "token"}):
        assert party.answer(party.authorize(browser, **asked))["iss"] == ISSUER
        signed = party.answer(party.authorize(browser, response_mode="jwt", **asked))
        assert party.claims(signed["response"])["iss"] == ISSUER
        form = party.authorize(browser, response_mode="form_post", **asked)
        assert f'name="iss" value="{ISSUER}"' in form.text
