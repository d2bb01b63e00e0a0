"""'Käyttäjäprofiili', the tab 'Tiedot' (M11, M12, M13, M17)."""

import pytest
from sqlalchemy import select

from idp.audit import Event, read
from idp.authentication.models import SessionRecord
from idp.directory.models import Membership, Organization
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import Account, Provider
from tests.vouched import vouch

PROFILE = "/account/profile"


@pytest.fixture
def maija(provider: Provider) -> Account:
    provider.organization()
    return provider.person()


def membership(provider: Provider, slug: str = "kuusela") -> Membership:
    with provider.database.reading() as tx:
        query = select(Membership).join(Organization).where(Organization.slug == slug)
        return tx.session.scalars(query).one()


def use_sso(provider: Provider, slug: str = "kuusela", **supplied: str) -> None:
    """Let the organization use single sign-on, and the session have come through it."""
    with provider.database.transaction() as tx:
        organization = tx.session.scalars(
            select(Organization).where(Organization.slug == slug)
        ).one()
        organization.uses_sso = True
        for each in tx.session.scalars(
            select(Membership).where(Membership.organization_id == organization.id)
        ):
            each.source = "Entra"
            for name, value in supplied.items():
                setattr(each, name, value)
        for session in tx.session.scalars(select(SessionRecord)):
            proof = {**session.authentications[0], "organization": organization.id}
            session.authentications = [{**proof, "method": "fed", "connection": "Entra"}]
            vouch(tx, provider.deployment.connections, session.id, organization.id)


def test_m13_the_details_and_the_password_have_a_tab_each(
    provider: Provider, maija: Account
) -> None:
    page = signed_in(provider, maija).open(PROFILE)

    tabs = look.plain(page.text.partition('<nav class="tabs"')[2].partition("</nav>")[0])
    assert look.heading(page) == "Käyttäjäprofiili"
    assert tabs.endswith("Tiedot Salasana")


def test_m11_a_person_changes_their_own_name_title_and_unit(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(
        browser.open(PROFILE),
        given_name="Maija-Liisa",
        family_name="Virtanen",
        title="Sairaanhoitaja",
        unit="Kotihoito",
    )

    assert look.notices(page) == ["Tiedot on tallennettu."]
    person, place = provider.load(maija.id), membership(provider)
    assert (person.given_name, person.family_name) == ("Maija-Liisa", "Virtanen")
    assert (place.title, place.unit) == ("Sairaanhoitaja", "Kotihoito")
    with provider.database.reading() as tx:
        (deed,) = read(tx, organization_id=None, events=[Event.PROFILE_CHANGED])
    assert deed.actor_id == maija.id


def test_m17_the_username_is_shown_locked_with_the_reason(
    provider: Provider, maija: Account
) -> None:
    page = signed_in(provider, maija).open(PROFILE)

    assert f'value="{maija.username}" readonly' in page.text
    assert "koska aiemmat valvontatapahtumat näkyvät sen mukaan" in look.text(page)


def test_m17_a_username_sent_along_changes_nothing(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)

    browser.submit(browser.open(PROFILE), username="uusi@example.fi", given_name="Uusi")

    assert provider.load(maija.id).username == maija.username


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        ("given_name", " ", "Kirjoita etunimesi."),
        ("family_name", "", "Kirjoita sukunimesi."),
        ("email", "maija", "Tarkista sähköpostiosoite."),
        ("title", "x" * 201, "Teksti on liian pitkä."),
        ("locale", "de", "Valitse kieleksi suomi, ruotsi tai englanti."),
    ],
)
def test_what_does_not_hold_is_said_at_its_field_and_nothing_is_stored(
    provider: Provider, maija: Account, field: str, given: str, reason: str
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PROFILE), **{"unit": "Kotihoito", field: given})

    assert page.status_code == 422
    assert look.errors(page)[field].startswith(reason)
    assert "<title>Virhe:" in page.text
    assert membership(provider).unit == ""


def test_a_language_chosen_is_the_browsers_from_now_on(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PROFILE), locale="sv")

    assert look.notices(page) == ["Uppgifterna har sparats."]
    assert '<html lang="sv">' in browser.open("/account").text
    assert provider.load(maija.id).locale == "sv"


def test_a_language_given_up_leaves_the_browser_its_own(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)
    browser.submit(browser.open(PROFILE), locale="sv")

    browser.submit(browser.open(PROFILE), locale="")

    assert '<html lang="fi">' in browser.open("/account").text
    assert provider.load(maija.id).locale is None


def test_m12_what_single_sign_on_supplies_is_read_only_and_says_why(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    use_sso(provider, given_name="Maia", title="Osastonhoitaja")

    page = browser.open(PROFILE)

    for field in ("given_name", "family_name", "email", "title", "unit"):
        assert look.is_locked(page, field), field
    assert look.value(page, "given_name") == "Maia"
    assert look.value(page, "title") == "Osastonhoitaja"
    assert "Organisaatiosi ylläpitää näitä tietoja" in look.text(page)
    assert look.text(page).count("Tulee organisaatiosi kirjautumisesta.") == 5
    assert "tulevat organisaatiostasi (Entra)" in look.text(page)
    assert "joten käyttäjätunnus muodostuu automaattisesti" in look.text(page)


def test_m12_a_locked_field_sent_all_the_same_is_refused_with_the_reason(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    use_sso(provider)

    page = browser.submit(browser.open(PROFILE), title="Johtaja", locale="sv")

    assert page.status_code == 403
    assert "organisaation omasta kirjautumisesta (Entra)" in look.text(page)
    assert membership(provider).title == ""
    assert provider.load(maija.id).locale is None


def test_m12_the_language_stays_the_persons_own_choice(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)
    use_sso(provider)

    browser.submit(browser.open(PROFILE), locale="sv")

    assert provider.load(maija.id).locale == "sv"


def test_title_and_unit_are_those_of_the_organization_acted_in(
    provider: Provider, maija: Account
) -> None:
    provider.organization("lehtola")
    provider.person(slug="lehtola")
    browser = signed_in(provider, maija)
    lehtola = membership(provider, "lehtola").organization_id
    browser.submit(browser.open("/account/organization"), organization=lehtola)

    browser.submit(browser.open(PROFILE), title="Sairaanhoitaja")

    assert membership(provider, "lehtola").title == "Sairaanhoitaja"
    assert membership(provider, "kuusela").title == ""


def test_without_an_organization_the_name_can_be_changed_and_there_is_no_title(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    with provider.database.transaction() as tx:
        tx.session.delete(tx.session.scalars(select(Membership)).one())

    page = browser.submit(browser.open(PROFILE), given_name="Maija-Liisa")

    assert provider.load(maija.id).given_name == "Maija-Liisa"
    assert 'name="title"' not in page.text


def test_a_stale_form_comes_back_fresh_and_changes_nothing(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PROFILE), csrf_token="old", given_name="Muu")

    assert page.status_code == 200
    assert provider.load(maija.id).given_name == "Maija"
