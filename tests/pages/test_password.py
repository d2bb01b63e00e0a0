"""'Käyttäjäprofiili', the tab 'Salasana' (M10, M11, M13)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from idp.audit import Event, read
from idp.authentication.links import Purpose
from idp.authentication.models import Credential, Link, SessionRecord
from idp.directory.models import Organization
from idp.foundation.clock import shifted
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import Account, Provider, TestBrowser

PASSWORD = "/account/profile/password"
NEW = "neljä vihreää sateenvarjoa"


@pytest.fixture
def maija(provider: Provider) -> Account:
    provider.organization()
    return provider.person()


def with_password(account: Account, password: str) -> Account:
    return Account(id=account.id, username=account.username, password=password)


def test_m11_a_person_changes_their_own_password(provider: Provider, maija: Account) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PASSWORD), current=maija.password, password=NEW)

    assert look.notices(page) == ["Salasanasi on vaihdettu. Muut istuntosi päättyivät."]
    renewed = provider.browser()
    renewed.sign_in(with_password(maija, NEW))
    assert renewed.open("/account").status_code == 200
    refused = provider.browser().sign_in(maija)
    assert refused.status_code == 422


def test_a_changed_password_ends_every_other_session_and_keeps_this_one(
    provider: Provider, maija: Account
) -> None:
    other = signed_in(provider, maija)
    browser = signed_in(provider, maija)
    before = dict(browser.cookies)

    browser.submit(browser.open(PASSWORD), current=maija.password, password=NEW)

    assert other.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200
    assert dict(browser.cookies)["__Host-idp_session"] != before["__Host-idp_session"]


def test_the_person_still_acts_in_the_organization_they_had_chosen(
    provider: Provider, maija: Account
) -> None:
    lehtola = provider.organization("lehtola")
    provider.person(slug="lehtola")
    browser = signed_in(provider, maija)
    browser.submit(browser.open("/account/organization"), organization=lehtola.id)

    browser.submit(browser.open(PASSWORD), current=maija.password, password=NEW)

    with provider.database.reading() as tx:
        live = tx.session.scalars(select(SessionRecord).where(SessionRecord.ended_at.is_(None)))
        assert [session.organization_id for session in live] == [lehtola.id]


def test_a_changed_password_voids_the_links_that_were_mailed(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    browser.submit(browser.open("/password/forgotten"), username=maija.username)
    link = provider.mailed_link(maija.username)

    browser.submit(browser.open(PASSWORD), current=maija.password, password=NEW)

    assert provider.browser().open(link).status_code == 410
    with provider.database.reading() as tx:
        voided = select(Link.voided_at).where(Link.purpose == Purpose.PASSWORD.value)
        assert None not in tx.session.scalars(voided).all()


def test_a_wrong_present_password_changes_nothing_and_is_written_down(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PASSWORD), current="jotakin muuta", password=NEW)

    assert page.status_code == 422
    assert look.errors(page) == {"current": "Nykyinen salasana ei ole oikein."}
    assert browser.get("/account").status_code == 200
    with provider.database.reading() as tx:
        (failed,) = read(tx, organization_id=None, events=[Event.SIGN_IN_FAILED])
    assert failed.target_id == maija.id


def test_guessing_the_present_password_is_slowed_down(provider: Provider) -> None:
    provider.organization()
    paula = provider.person("paula.arvaaja@example.fi")
    browser = signed_in(provider, paula)
    for _ in range(12):
        page = browser.submit(browser.open(PASSWORD), current="arvaus", password=NEW)

    assert page.status_code == 429
    assert look.errors(page)["current"].startswith("Liian monta yritystä.")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("q7Zk", "Salasana on liian lyhyt. Siinä pitää olla vähintään 15 merkkiä"),
        ("Maija Meikäläinen!", "Nimiä arvataan ensimmäisenä"),
        ("salasanasalasana", "Salasana on helppo arvata."),
        ("x" * 1025, "Teksti on liian pitkä"),
    ],
)
def test_a_new_password_that_is_too_weak_says_why(
    provider: Provider, maija: Account, password: str, reason: str
) -> None:
    browser = signed_in(provider, maija)

    page = browser.submit(browser.open(PASSWORD), current=maija.password, password=password)

    assert page.status_code == 422
    assert look.errors(page)["password"].startswith(reason)
    assert password not in page.text


def test_the_name_of_ones_organization_does_not_count_as_a_password(provider: Provider) -> None:
    provider.organization("kuusela", name="Pohjoisrannikon hyvinvointialue")
    browser = signed_in(provider, provider.person())

    page = browser.submit(
        browser.open(PASSWORD),
        current="kolme sinistä lumikenkää",
        password="Pohjoisrannikon hyvinvointialue",
    )

    assert look.errors(page)["password"].startswith("Nimiä arvataan ensimmäisenä")


def test_the_present_password_is_proof_however_long_ago_the_sign_in_was(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)

    with shifted(timedelta(hours=1)):
        page = browser.submit(browser.open(PASSWORD), current=maija.password, password=NEW)

        assert look.notices(page) == ["Salasanasi on vaihdettu. Muut istuntosi päättyivät."]


def test_the_fields_say_to_password_managers_what_they_are(
    provider: Provider, maija: Account
) -> None:
    page = signed_in(provider, maija).open(PASSWORD)

    for token in ("username", "current-password", "new-password"):
        assert f'autocomplete="{token}"' in page.text


def test_m10_where_single_sign_on_is_used_the_page_says_where_the_password_lives(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    with provider.database.transaction() as tx:
        tx.session.scalars(select(Organization)).one().uses_sso = True

    page = browser.open(PASSWORD)
    answer = browser.post(
        PASSWORD,
        data={"current": maija.password, "password": NEW, "csrf_token": token_of(browser)},
    )

    assert 'type="password"' not in page.text
    assert "Kirjaudut organisaatiosi kertakirjautumisella (Kuusela)" in look.text(page)
    assert answer.status_code == 200
    assert browser.get("/account").status_code == 200


def test_who_has_no_password_yet_is_shown_how_to_get_one(
    provider: Provider, maija: Account
) -> None:
    browser = signed_in(provider, maija)
    with provider.database.transaction() as tx:
        tx.session.execute(delete(Credential))

    page = browser.open(PASSWORD)

    assert "Sinulla ei ole vielä salasanaa" in look.text(page)
    assert "/password/forgotten" in look.links(page)


def token_of(browser: TestBrowser) -> str:
    return look.value(browser.open("/account/sessions"), "csrf_token")
