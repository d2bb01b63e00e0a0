"""A person signs in to the portal with a username and a password (M7, D1)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from idp.directory import persons
from idp.foundation.clock import shifted, utcnow
from tests.provider import ISSUER, OPERATOR, PORTAL, Provider, forms, query
from tests.relying_party import RelyingParty


def test_m7_the_page_has_two_fields_and_the_button_kirjaudu(party: RelyingParty) -> None:
    page = party.authorize(party.provider.browser())
    assert page.url.path == "/login"
    assert '<html lang="fi">' in page.text
    assert page.text.count("<h1") == 1
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "Kirjaudu</" in page.text
    assert "Unohditko salasanasi?" in page.text


def test_m7_the_right_password_leads_back_to_the_portal_with_a_code(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    answer = party.answer(browser.sign_in(account, party.authorize(browser)))
    assert answer["state"] == party.state
    assert answer["iss"] == ISSUER
    assert set(answer) == {"code", "state", "iss", "session_state"}


def test_d1_the_tokens_say_who_signed_in_when_and_where(party: RelyingParty) -> None:
    account = party.provider.person(roles=("main_user",))
    before = int(utcnow().timestamp())
    tokens = party.tokens(party.provider.browser(), account)
    claims = party.claims(tokens["id_token"])
    assert tokens["token_type"] == "Bearer"
    assert claims["sub"] == account.id
    assert claims["aud"] == party.client_id
    assert claims["nonce"] == party.nonce
    assert before <= claims["auth_time"] <= claims["iat"] < claims["exp"]
    assert claims["amr"] == ["pwd"]
    assert claims["sid"]
    assert claims["org"] == "kuusela"
    userinfo = party.userinfo(tokens["access_token"]).json()
    assert userinfo["sub"] == account.id
    assert userinfo["preferred_username"] == "maija@example.fi"
    assert userinfo["name"] == "Maija Meikäläinen"
    assert userinfo["org"] == "kuusela"
    assert userinfo["org_roles"] == ["main_user"]
    assert [place["org"] for place in userinfo["organizations"]] == ["kuusela"]


def test_a_session_lets_the_next_request_through_without_a_page(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    party.code(browser, account)
    assert "code" in party.answer(party.authorize(browser))


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("maija@example.fi", "väärä salasana on tämä"),
        ("nobody@example.fi", "kolme sinistä lumikenkää"),
    ],
)
def test_m8_a_wrong_password_and_an_unknown_username_get_the_same_answer(
    provider: Provider, username: str, password: str
) -> None:
    provider.organization()
    provider.person()
    browser = provider.browser()
    page = browser.submit(browser.open("/login"), username=username, password=password)
    assert page.status_code == 422
    assert "Käyttäjätunnus tai salasana on väärin" in page.text
    assert provider.deployment.parts.cookies.session not in page.headers.get("set-cookie", "")


def test_the_username_is_not_case_sensitive(party: RelyingParty) -> None:
    party.provider.person()
    browser = party.provider.browser()
    page = party.authorize(browser)
    answer = browser.submit(page, username=" MAIJA@Example.FI", password="kolme sinistä lumikenkää")
    assert "code" in party.answer(answer)


def test_a_locked_account_is_told_so_only_after_the_right_password(provider: Provider) -> None:
    provider.organization()
    account = provider.person()
    with provider.database.transaction() as tx:
        persons.lock(tx, account.id, by=OPERATOR)
    browser = provider.browser()
    wrong = browser.submit(browser.open("/login"), username=account.username, password="x" * 20)
    assert "lukittu" not in wrong.text
    right = browser.sign_in(account)
    assert right.status_code == 403
    assert "lukittu" in right.text


def test_a_bookmarked_sign_in_page_ends_at_the_portal(party: RelyingParty) -> None:
    account = party.provider.person()
    answer = party.provider.browser().sign_in(account)
    assert answer.headers["Location"].startswith(f"{PORTAL}/login?")
    assert query(answer.headers["Location"])["iss"] == ISSUER


def test_two_tabs_each_end_where_they_began(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    first = party.authorize(browser, state="first")
    second = party.authorize(browser, state="second")
    assert party.answer(browser.sign_in(account, second))["state"] == "second"
    assert party.answer(browser.sign_in(account, first))["state"] == "first"


def test_a_form_sent_twice_leads_onward_twice(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    page = party.authorize(browser)
    assert "code" in party.answer(browser.sign_in(account, page))
    assert "code" in party.answer(browser.sign_in(account, page))


def test_an_expired_page_leads_to_the_portal_which_starts_anew(party: RelyingParty) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    page = party.authorize(browser)
    with shifted(timedelta(hours=2)):
        answer = browser.sign_in(account, page)
    assert answer.headers["Location"].startswith(f"{PORTAL}/login?")


def test_a_form_that_is_not_this_browsers_shows_a_fresh_page_that_works(
    party: RelyingParty,
) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    foreign = forms(party.authorize(party.provider.browser()))[0].fields["csrf_token"]
    page = party.authorize(browser)
    again = browser.submit(
        page, csrf_token=foreign, username=account.username, password=account.password
    )
    assert "Lomake ehti vanhentua" in again.text
    assert "code" in party.answer(browser.sign_in(account, again))


def test_a_form_whose_browser_lost_its_cookies_shows_a_fresh_page_that_works(
    party: RelyingParty,
) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    page = party.authorize(browser)
    browser.cookies.clear()
    again = browser.sign_in(account, page)
    assert again.url.path == "/login"
    answer = browser.sign_in(account, again)
    assert answer.headers["Location"].startswith(f"{PORTAL}/login?")


def test_a_middle_page_gives_its_sender_nothing_in_another_browser(party: RelyingParty) -> None:
    account = party.provider.person()
    page = party.authorize(party.provider.browser())
    victim = party.provider.browser()
    answer = victim.sign_in(account, victim.open(str(page.url)))
    assert answer.headers["Location"].startswith(f"{PORTAL}/login?")
    assert "code" not in query(answer.headers["Location"])


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
