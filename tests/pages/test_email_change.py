"""A new e-mail address on the tab 'Tiedot': asked for, confirmed, bounded (M11)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from idp.foundation.clock import shifted
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import Account, Provider

PROFILE = "/account/profile"


@pytest.fixture
def maija(provider: Provider) -> Account:
    provider.organization()
    return provider.person()


def test_m11_a_new_email_counts_only_once_its_mailed_link_was_followed(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PROFILE), email="uusi@example.fi")

    assert provider.load(maija.id).email == maija.username
    assert "Lähetimme vahvistuslinkin osoitteeseen uusi@example.fi." in look.notices(page)[1]
    assert "vahvistus odottaa" in look.text(page)
    assert look.value(page, "email") == maija.username
    browser.submit(browser.open(provider.mailed_link("uusi@example.fi")))
    assert provider.load(maija.id).email == "uusi@example.fi"
    assert "vahvistus odottaa" not in look.text(browser.open(PROFILE))


def test_the_earlier_address_is_told_of_the_new_one(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)

    before = len(provider.mails(maija.username))

    browser.submit(browser.open(PROFILE), email="uusi@example.fi")

    assert len(provider.mails(maija.username)) == before + 1


def test_changing_the_email_long_after_the_sign_in_asks_for_a_new_one_and_keeps_what_was_typed(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    with shifted(timedelta(minutes=11)):
        sign_in = browser.submit(
            browser.open(PROFILE), email="uusi@example.fi", given_name="Maija-Liisa"
        )
        assert urlsplit(str(sign_in.url)).path == "/login"
        assert look.value(sign_in, "username") == maija.username
        assert look.notices(sign_in)[0].startswith("Vahvista vielä, että se olet sinä")
        assert provider.load(maija.id).given_name == "Maija"

        page = browser.sign_in(maija, sign_in)
        assert urlsplit(str(page.url)).path == PROFILE
        assert look.value(page, "email") == "uusi@example.fi"
        assert look.value(page, "given_name") == "Maija-Liisa"

        browser.submit(page)
        assert provider.load(maija.id).given_name == "Maija-Liisa"
        assert provider.mailed_link("uusi@example.fi")


def test_everything_else_may_be_changed_long_after_the_sign_in(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    with shifted(timedelta(hours=1)):
        page = browser.submit(browser.open(PROFILE), given_name="Maija-Liisa")

        assert look.notices(page) == ["Tiedot on tallennettu."]


def test_one_persons_draft_is_nothing_to_another(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)
    other = provider.person("paula@example.fi", given_name="Paula")

    with shifted(timedelta(minutes=11)):
        sign_in = browser.submit(browser.open(PROFILE), email="uusi@example.fi")
        page = browser.sign_in(other, sign_in)

        assert urlsplit(str(page.url)).path == PROFILE
        assert look.value(page, "email") == "paula@example.fi"


def test_a_draft_too_long_for_an_address_is_let_go(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)

    with shifted(timedelta(minutes=11)):
        long = {"title": "ä" * 200, "unit": "ö" * 200}
        sign_in = browser.submit(browser.open(PROFILE), email="uusi@example.fi", **long)
        page = browser.sign_in(maija, sign_in)

        assert urlsplit(str(page.url)).path == PROFILE
        assert look.value(page, "email") == maija.username


def test_confirmation_mails_cannot_be_sent_without_end(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)
    for number in range(4):
        page = browser.submit(
            browser.open(PROFILE), email=f"uusi{number}@example.fi", given_name=f"Maija {number}"
        )

    assert page.status_code == 429
    assert "vaihdettu monta kertaa" in look.errors(page)["email"]
    assert look.value(page, "email") == "uusi3@example.fi"
    assert provider.load(maija.id).given_name == "Maija 2"
