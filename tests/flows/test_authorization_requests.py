"""What a request for a sign-in may say, and how a wrong one is answered."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from idp.foundation.clock import shifted
from tests.provider import ISSUER, forms
from tests.relying_party import RelyingParty


def test_prompt_none_without_a_session_says_login_required(party: RelyingParty) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), prompt="none"))
    assert answer["error"] == "login_required"
    assert answer["state"] == party.state
    assert answer["iss"] == ISSUER


def test_prompt_login_asks_again_and_then_goes_on(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    first = party.claims(party.tokens(browser, account)["id_token"])
    with shifted(timedelta(minutes=5)):
        page = party.authorize(browser, prompt="login")
        assert page.url.path == "/login"
        code = party.answer(browser.sign_in(account, page))["code"]
        again = party.claims(party.redeem(code).json()["id_token"])
    assert again["auth_time"] >= first["auth_time"] + 300


def test_max_age_asks_again_once_the_sign_in_is_older(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    party.code(browser, account)
    assert "code" in party.answer(party.authorize(browser, max_age="60"))
    with shifted(timedelta(seconds=61)):
        assert party.authorize(browser, max_age="60").url.path == "/login"


def test_ui_locales_decides_the_language_and_the_browser_keeps_to_it(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = party.authorize(browser, ui_locales="se sv-FI en")
    assert '<html lang="sv">' in page.text
    assert "Logga in" in page.text
    assert '<html lang="sv">' in browser.open("/password/forgotten").text
    assert '<html lang="en">' in browser.open("/login?ui_locales=en").text


def test_a_login_hint_is_filled_in_and_proves_nothing(party: RelyingParty) -> None:
    page = party.authorize(party.provider.browser(), login_hint="nobody@example.fi")
    assert page.status_code == 200
    assert forms(page)[0].fields["username"] == "nobody@example.fi"


def test_unknown_parameters_are_never_an_error(party: RelyingParty) -> None:
    page = party.authorize(
        party.provider.browser(),
        extra="x",
        display="wap",
        acr_values="urn:unknown",
        claims_locales="se",
    )
    assert page.status_code == 200
    assert page.url.path == "/login"


def test_the_authorization_endpoint_takes_a_cross_site_post(party: RelyingParty) -> None:
    browser = party.provider.browser()
    page = browser.follow(
        browser.post(
            "/authorize", data=party.parameters(), headers={"Origin": "https://portal.example.fi"}
        )
    )
    assert page.url.path == "/login"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "eyJ"}, "invalid_request_object"),
        ({"request_uri": "https://portal.example.fi/r"}, "invalid_request_uri"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"id_token_hint": "nonsense"}, "invalid_request"),
        ({"extra": "x" * 6000}, "invalid_request"),
    ],
)
def test_a_request_that_cannot_be_met_is_told_to_the_client(
    party: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    answer = party.answer(party.authorize(party.provider.browser(), **changes))
    assert answer["error"] == error
    assert answer["error_description"]
    assert answer["state"] == party.state
    assert answer["iss"] == ISSUER


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://portal.example.fi/callback/"},
        {"redirect_uri": "https://portal.example.fi/callback?x=1"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": None},
        {"client_id": "unknown"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/", "scope": None, "response_type": "x"},
    ],
)
def test_a_wrong_redirect_uri_is_a_page_of_ours_however_broken_the_rest(
    party: RelyingParty, changes: dict[str, str | None]
) -> None:
    page = party.authorize(party.provider.browser(), **changes)
    assert page.status_code == 400
    assert "data-reference" in page.text
    assert "//evil.example" not in page.text


@pytest.mark.parametrize("name", ["state", "scope", "nonce", "code_challenge", "extra"])
def test_a_repeated_parameter_is_refused(party: RelyingParty, name: str) -> None:
    browser = party.provider.browser()
    address = f"/authorize?{urlencode(party.parameters(extra='1'))}&{name}=again"
    answer = party.answer(browser.open(address))
    assert answer["error"] == "invalid_request"
    assert name in answer["error_description"]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_redirect_uri_is_a_page(party: RelyingParty, name: str) -> None:
    parameters = party.parameters()
    address = f"/authorize?{urlencode(parameters)}&{urlencode({name: parameters[name]})}"
    page = party.provider.browser().open(address)
    assert page.status_code == 400
