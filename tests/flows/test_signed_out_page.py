"""The page after signing out says honestly what ended and what did not (M15, 'Honest logout')."""

from datetime import timedelta
from typing import Any

import pytest

from idp.authentication.models import SessionRecord
from idp.foundation import clock
from tests.pages.look import heading, text
from tests.provider import PORTAL, TestBrowser
from tests.receiver import Receiver
from tests.relying_party import RelyingParty


def signed_out(party: RelyingParty, *others: RelyingParty) -> tuple[TestBrowser, Any]:
    """A browser that signed in to the parties and out again, and the page it is at."""
    browser, account = party.provider.browser(), party.provider.person()
    for each in (party, *others):
        page = each.authorize(browser)
        answer = page if page.is_redirect else browser.sign_in(account, page)
        each.redeem(each.answer(answer)["code"])
    return browser, browser.submit(browser.get("/logout"))


def test_it_names_each_relying_party_and_how_far_its_signing_out_is(party: RelyingParty) -> None:
    with Receiver() as told, Receiver(lambda number: (500, b"")) as broken:
        rows = {
            "Kuuleva": {"backchannel_logout_uri": told.address},
            "Rikki": {"backchannel_logout_uri": broken.address},
            "Kuuro": {},
        }
        others = [
            RelyingParty(party.provider, **{"client_name#fi": name, "client_name": name, **more})
            for name, more in rows.items()
        ]
        browser, page = signed_out(*others)
        assert heading(page) == "Olet kirjautunut ulos"
        assert "Tämä kirjautumispalvelu Päättyi" in text(page)
        assert "Kuuleva Ilmoitetaan nyt" in text(page)
        assert "Rikki Ilmoitetaan nyt" in text(page)
        assert "Kuuro Ei saa ilmoitusta" in text(page)
        party.provider.deliver()
        again = browser.get(page.url)
    assert "Kuuleva Vahvisti uloskirjautumisen" in text(again)
    assert "Rikki Ei ole vahvistanut" in text(again)
    assert "kirjaudu siellä ulos itse" in text(again)


def test_who_asked_for_it_is_not_told_to_sign_out(party: RelyingParty) -> None:
    browser = party.provider.browser()
    token = party.tokens(browser, party.provider.person())["id_token"]
    assert "Laatuportti Pyysi uloskirjautumista" in text(
        browser.open(f"/logout?id_token_hint={token}")
    )


def test_after_a_password_only_the_computers_own_session_goes_on(party: RelyingParty) -> None:
    _, page = signed_out(party)
    assert "Tietokoneesi oma istunto" in text(page)
    assert "Kuusela" not in text(page)


def test_after_single_sign_on_the_organizations_own_sign_in_goes_on(party: RelyingParty) -> None:
    browser, account = party.provider.browser(), party.provider.person()
    claims = party.claims(party.tokens(browser, account)["id_token"])
    with party.provider.database.reading() as tx:
        proof = tx.session.get_one(SessionRecord, claims["sid"]).authentications[0]
    proofs = [proof | {"connection": "entra", "organization": claims["org_id"]}]
    party.provider.change(SessionRecord, claims["sid"], authentications=proofs)
    page = browser.submit(browser.get("/logout"))
    assert "Organisaation Kuusela oma kirjautuminen" in text(page)


def test_another_user_gets_a_sign_in_that_really_asks(party: RelyingParty) -> None:
    _, page = signed_out(party)
    start = f"{PORTAL}/login?iss=https%3A%2F%2Fid.example.fi"
    assert f'href="{start}"' in page.text
    assert f'href="{start}&amp;prompt=login"' in page.text


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("fi", "Olet kirjautunut ulos"),
        ("sv", "Du har loggats ut"),
        ("en", "You have signed out"),
    ],
)
def test_the_page_may_be_read_again_in_any_language(
    party: RelyingParty, locale: str, said: str
) -> None:
    browser, page = signed_out(party)
    again = browser.get(page.url.copy_merge_params({"ui_locales": locale}))
    assert heading(again) == said
    assert "Laatuportti" in text(again)


def test_its_address_tells_nothing_in_another_browser_nor_an_hour_later(
    party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, page = signed_out(party)
    assert heading(party.provider.browser().get(page.url)) == "Et ole kirjautuneena"
    later = clock.utcnow() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("idp.authorization.farewell.utcnow", lambda: later)
    assert heading(browser.get(page.url)) == "Et ole kirjautuneena"


def test_whoever_is_signed_in_is_not_told_otherwise(party: RelyingParty) -> None:
    browser = party.provider.browser()
    party.code(browser, party.provider.person())
    assert heading(browser.open("/logout/done")) == "Kirjaudutaanko ulos?"
