"""A person signs in to the portal with a username and a password (M7, D1)."""

from datetime import timedelta

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
