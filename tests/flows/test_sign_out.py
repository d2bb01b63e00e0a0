"""Signing out: here, by the relying party, and everywhere (M15)."""

import httpx
import pytest

from tests.pages.look import heading, text
from tests.provider import ISSUER, PORTAL, Provider
from tests.relying_party import RelyingParty


def sign_out(browser: httpx.Client, **parameters: str) -> httpx.Response:
    """Send the browser to the end_session endpoint."""
    return browser.get("/logout", params=parameters)


def test_m15_rp_initiated_logout_with_this_sessions_hint_ends_it_and_goes_back(
    party: RelyingParty,
) -> None:
    browser = party.provider.browser()
    tokens = party.tokens(browser, party.provider.person())
    answer = sign_out(
        browser,
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=f"{PORTAL}/",
        state="s1",
    )
    assert answer.headers["Location"] == f"{PORTAL}/?state=s1"
    assert party.authorize(browser).url.path == "/login"
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_without_a_hint_the_person_is_asked_first(party: RelyingParty) -> None:
    browser = party.provider.browser()
    party.code(browser, party.provider.person())
    page = sign_out(
        browser, client_id=party.client_id, post_logout_redirect_uri=f"{PORTAL}/", state="s2"
    )
    assert page.status_code == 200
    assert "Kirjaudutaanko ulos?" in page.text
    assert "code" in party.answer(party.authorize(browser))
    answer = browser.submit(page)
    assert answer.headers["Location"] == f"{PORTAL}/?state=s2"
    assert party.authorize(browser).url.path == "/login"


def test_anothers_hint_does_not_sign_out_unasked(party: RelyingParty) -> None:
    other = party.provider.person("other@example.fi")
    hint = party.tokens(party.provider.browser(), other)["id_token"]
    browser = party.provider.browser()
    party.code(browser, party.provider.person())
    assert sign_out(browser, id_token_hint=hint).status_code == 200
    assert "code" in party.answer(party.authorize(browser))


@pytest.mark.parametrize(
    "address", ["https://evil.example/", f"{PORTAL}/other", f"{PORTAL}", f"{PORTAL}/?x=1"]
)
def test_an_unregistered_address_is_a_page_that_shows_no_link_to_it(
    party: RelyingParty, address: str
) -> None:
    browser = party.provider.browser()
    tokens = party.tokens(browser, party.provider.person())
    page = sign_out(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=address)
    assert page.status_code == 400
    assert f'href="{address}"' not in page.text
    assert "code" in party.answer(party.authorize(browser))


def test_an_address_without_client_or_hint_redirects_nowhere(party: RelyingParty) -> None:
    page = sign_out(party.provider.browser(), post_logout_redirect_uri=f"{PORTAL}/")
    assert page.status_code == 400


def test_the_signed_out_page_says_what_ended_and_what_did_not(provider: Provider) -> None:
    provider.organization()
    browser = provider.browser()
    browser.sign_in(provider.person())
    page = browser.submit(browser.get("/logout"))
    assert heading(page) == "Olet kirjautunut ulos"
    assert "Tämä jatkuu Tietokoneesi oma istunto" in text(page)


def test_another_site_cannot_post_a_sign_out(party: RelyingParty) -> None:
    browser = party.provider.browser()
    party.code(browser, party.provider.person())
    page = browser.follow(browser.post("/logout", headers={"Origin": "https://evil.example"}))
    assert "Kirjaudutaanko ulos?" in page.text
    assert "code" in party.answer(party.authorize(browser))


def test_discovery_names_the_end_session_endpoint(party: RelyingParty) -> None:
    metadata = party.http.get("/.well-known/openid-configuration").json()
    assert metadata["end_session_endpoint"] == f"{ISSUER}/logout"
