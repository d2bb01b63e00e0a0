"""The frame of the signed-in person's pages: signing in on the way, the menu, the breadcrumb."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from idp.authentication.models import SessionRecord
from idp.foundation.clock import shifted
from tests.pages import look
from tests.provider import ISSUER, Provider, query


@pytest.fixture(autouse=True)
def _organization(provider: Provider) -> None:
    provider.organization()


def test_whoever_is_not_signed_in_comes_back_to_the_page_they_wanted(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()

    sign_in = browser.open("/account/sessions?ui_locales=sv")
    page = browser.sign_in(maija, sign_in)

    assert urlsplit(str(sign_in.url)).path == "/login"
    assert str(page.url) == f"{ISSUER}/account/sessions?ui_locales=sv"


def test_the_address_of_the_sign_in_page_names_no_other_address(provider: Provider) -> None:
    answer = provider.browser().get("/account/sessions")

    assert answer.status_code == 303
    assert list(query(answer.headers["Location"])) == ["request"]
    assert "sessions" not in answer.headers["Location"]


def test_where_one_browser_wanted_to_go_is_nothing_to_another(provider: Provider) -> None:
    maija = provider.person()
    sealed = provider.browser().get("/account/sessions").headers["Location"]
    victim = provider.browser()
    victim.get("/login")

    page = victim.sign_in(maija, victim.open(sealed))

    assert urlsplit(str(page.url)).path == "/account"


def test_a_sign_in_page_left_open_for_a_day_still_leads_to_the_page(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()
    sign_in = browser.open("/account/sessions")

    with shifted(timedelta(days=1)):
        page = browser.sign_in(maija, sign_in)
        assert urlsplit(str(page.url)).path == "/account/sessions"


def test_a_second_tab_whose_person_has_signed_in_meanwhile_goes_straight_on(
    provider: Provider,
) -> None:
    maija = provider.person()
    browser = provider.browser()
    waiting = browser.open("/account/sessions")
    browser.sign_in(maija)

    page = browser.open(str(waiting.url))

    assert urlsplit(str(page.url)).path == "/account/sessions"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()
    form = browser.sign_in(maija, browser.open("/account/profile"))
    with provider.database.transaction() as tx:
        for session in tx.session.scalars(select(SessionRecord)):
            session.ended_at = session.created_at

    sign_in = browser.submit(form, given_name="Maija-Liisa")

    assert urlsplit(str(sign_in.url)).path == "/login"
    assert urlsplit(str(browser.sign_in(maija, sign_in).url)).path == "/account/profile"
    assert provider.load(maija.id).given_name == "Maija"


def test_a_path_too_long_to_carry_leads_to_the_front_page(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()

    page = browser.sign_in(maija, browser.open(f"/account/sessions?x={'y' * 5000}"))

    assert urlsplit(str(page.url)).path == "/account"


def test_m14_every_page_leads_back_to_etusivu(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()
    browser.sign_in(maija)

    for path in ("/account/profile", "/account/profile/password", "/account/sessions"):
        page = browser.open(path)
        assert look.breadcrumb(page)[0] == "Etusivu"
        assert look.menu(page)[0] == ("Etusivu", "/account")
    assert look.breadcrumb(browser.open("/account")) == []


def test_the_menu_of_an_ordinary_person_has_their_own_pages_only(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()

    page = browser.sign_in(maija, browser.open("/account"))

    assert look.menu(page) == [
        ("Etusivu", "/account"),
        ("Käyttäjäprofiili", "/account/profile"),
        ("Istunnot ja laitteet", "/account/sessions"),
        ("Yhdistetyt palvelut", "/account/applications"),
    ]


def test_a_main_user_finds_the_console_of_each_organization_they_lead(provider: Provider) -> None:
    provider.organization("lehtola")
    maija = provider.person(roles=("main_user",))
    provider.person(slug="lehtola")
    browser = provider.browser()

    page = browser.sign_in(maija, browser.open("/account"))

    consoles = [href for _, href in look.menu(page) if href.startswith("/organization/")]
    assert "/organization/kuusela" in consoles
    assert not [href for href in consoles if "lehtola" in href]


def test_a_session_in_use_says_when_it_was_last_used(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()
    browser.sign_in(maija)

    with shifted(timedelta(minutes=5)):
        browser.open("/account")

    with provider.database.reading() as tx:
        session = tx.session.scalars(select(SessionRecord)).one()
        assert session.seen_at - session.created_at >= timedelta(minutes=5)


def test_m15_sign_out_lies_in_the_menu_at_the_persons_name(provider: Provider) -> None:
    maija = provider.person()
    browser = provider.browser()
    page = browser.sign_in(maija, browser.open("/account"))

    menu = page.text.partition('<details class="name-menu"')[2].partition("</details>")[0]

    assert "Maija Meikäläinen" in look.plain(menu)
    assert 'action="/logout"' in menu
    assert "Kirjaudu ulos" in look.plain(menu)
