"""Etusivu, the bare address, and the choice of the organization to act in (M6, M14)."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from idp.authentication.models import SessionRecord
from idp.directory import organizations
from idp.directory.models import Membership, Organization, Person
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import PORTAL, Account, Provider


@pytest.fixture
def maija(provider: Provider) -> Account:
    """Maija, who belongs to Kuusela and to Lehtola."""
    provider.organization()
    provider.organization("lehtola")
    maija = provider.person()
    provider.person(slug="lehtola")
    with provider.database.transaction() as tx:
        for membership in tx.session.scalars(select(Membership)):
            if membership.organization.slug == "lehtola":
                membership.title, membership.unit = "Sairaanhoitaja", "Kotihoito"
    return maija


def test_the_bare_address_leads_a_signed_in_person_to_etusivu(
    provider: Provider, maija: Account
) -> None:
    page = signed_in(provider, maija).open("/")

    assert urlsplit(str(page.url)).path == "/account"
    assert look.heading(page) == "Hei, Maija"


def test_the_bare_address_leads_a_stranger_to_the_portal(
    provider: Provider, maija: Account
) -> None:
    provider.register()

    answer = provider.browser().get("/")

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{PORTAL}/login?iss=")


def test_without_a_portal_the_bare_address_leads_a_stranger_to_the_sign_in_page(
    provider: Provider,
) -> None:
    assert provider.browser().get("/").headers["Location"] == "/login"


def test_m6_a_person_sees_every_organization_they_belong_to(
    provider: Provider, maija: Account
) -> None:
    page = signed_in(provider, maija).open("/account")

    assert "Kuusela" in look.text(page)
    assert "Lehtola Sairaanhoitaja, Kotihoito" in look.text(page)


def test_an_organization_that_shut_the_person_out_is_not_shown(
    provider: Provider, maija: Account
) -> None:
    with provider.database.transaction() as tx:
        for organization in tx.session.scalars(select(Organization)):
            if organization.slug == "lehtola":
                organization.suspended_at = organization.created_at

    page = signed_in(provider, maija).open("/account")

    assert "Kuusela" in look.text(page)
    assert "Lehtola" not in page.text


def test_who_belongs_nowhere_is_told_whom_to_ask(provider: Provider) -> None:
    provider.organization()
    maija = provider.person()
    browser = signed_in(provider, maija)
    with provider.database.transaction() as tx:
        for membership in tx.session.scalars(select(Membership)):
            tx.session.delete(membership)

    page = browser.open("/account")

    assert "Sinulla ei ole nyt pääsyä yhteenkään organisaatioon." in look.text(page)
    assert browser.open("/account/organization").status_code == 200
    assert browser.open("/account/profile").status_code == 200

    provider.change(Person, maija.id, is_operator=True)
    assert "yhteenkään organisaatioon" not in look.text(browser.open("/account"))


def test_etusivu_leads_to_the_portal_in_the_organization_acted_in(
    provider: Provider, maija: Account
) -> None:
    provider.register()

    page = signed_in(provider, maija).open("/account")

    (portal,) = [href for href in look.links(page) if href.startswith(PORTAL)]
    assert portal.endswith("organization=kuusela")


def test_without_a_portal_etusivu_offers_no_way_to_it(provider: Provider, maija: Account) -> None:
    page = signed_in(provider, maija).open("/account")

    assert "Siirry Laatuporttiin" not in look.text(page)


def test_the_organization_chosen_is_kept_for_the_session_and_for_the_next_one(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    choice = browser.open("/account/organization")
    lehtola = [part.split('"')[0] for part in choice.text.split('name="organization" value="')[1:]]

    page = browser.submit(choice, organization=lehtola[1])

    assert look.notices(page) == ["Toimit nyt organisaatiossa Lehtola."]
    assert "Toimit nyt organisaatiossa Lehtola." in look.text(
        signed_in(provider, maija).open("/account")
    )


def test_a_choice_made_from_the_profile_leads_back_to_it(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open("/account/organization?page=profile"), organization="x")

    assert urlsplit(str(page.url)).path == "/account/profile"


def test_no_address_is_taken_from_the_request_of_a_choice(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(
        browser.open("/account/organization?page=https://evil.example"), organization="x"
    )

    assert urlsplit(str(page.url)).path == "/account"


def test_an_organization_of_others_cannot_be_chosen(provider: Provider, maija: Account) -> None:
    foreign = provider.organization("vieras")
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open("/account/organization"), organization=foreign.id)

    assert look.notices(page) == []
    with provider.database.reading() as tx:
        assert tx.session.scalars(select(SessionRecord.organization_id)).all() == [None]


def test_an_organization_that_this_sign_in_does_not_open_cannot_be_chosen(
    provider: Provider, maija: Account
) -> None:
    with provider.database.reading() as tx:
        lehtola = organizations.by_slug(tx, "lehtola")
    provider.change(Organization, lehtola.id, uses_sso=True)
    browser = signed_in(provider, maija)

    choice = browser.open("/account/organization")
    page = browser.submit(choice, organization=lehtola.id)

    assert lehtola.id not in choice.text
    assert look.notices(page) == []
    assert "Toimit nyt organisaatiossa Kuusela." in look.text(page)


def test_who_looks_after_something_finds_it_on_etusivu(provider: Provider) -> None:
    provider.organization()
    maija = provider.person(roles=("main_user", "it_admin"))
    provider.change(Person, maija.id, is_operator=True)

    page = signed_in(provider, maija).open("/account")

    assert "Olet pääkäyttäjä." in look.text(page)
    assert "Olet IT-vastaava." in look.text(page)
    assert "/organization/kuusela" in look.links(page)
    assert "/operations" in look.links(page)


@pytest.mark.parametrize(
    ("language", "greeting"), [("fi", "Hei, Maija"), ("sv", "Hej, Maija"), ("en", "Hello, Maija")]
)
def test_etusivu_speaks_the_languages_of_its_people(
    provider: Provider, maija: Account, language: str, greeting: str
) -> None:
    browser = provider.browser(**{"Accept-Language": language})
    browser.sign_in(maija)

    assert look.heading(browser.open("/account")) == greeting
