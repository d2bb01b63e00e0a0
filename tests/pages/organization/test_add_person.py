"""Adding one person (M2, M3), and bringing in somebody who has a username already (M6)."""

import httpx
import pytest

from idp.authentication import credentials
from idp.directory.models import Person
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, Desk

NEW = f"{CONSOLE}/people/new"
AINO = {"email": "aino@example.fi", "given_name": "Aino", "family_name": "Virtanen"}


def add(desk: Desk, **values: str) -> httpx.Response:
    """Fill in the form; a box is ticked by saying ``y``."""
    return desk.browser.submit(desk.open("/people/new"), **values)


def test_m3_the_form_asks_for_the_email_first_and_proposes_it_as_the_username(desk: Desk) -> None:
    page = desk.open("/people/new")

    assert page.text.index('name="email"') < page.text.index('name="username"')
    assert "Jos jätät tämän tyhjäksi, käyttäjätunnus on sähköpostiosoite." in look.text(page)


def test_m3_without_another_username_the_email_is_the_username(desk: Desk) -> None:
    page = add(desk, **AINO)

    aino = desk.by_username("aino@example.fi")
    assert aino
    assert aino.email == "aino@example.fi"
    assert page.url.path == f"{CONSOLE}/people/{aino.id}"
    assert look.heading(page) == "Aino Virtanen"


def test_m3_another_username_is_allowed(desk: Desk) -> None:
    add(desk, **AINO, username="avirtanen")

    aino = desk.by_username("avirtanen")
    assert aino
    assert aino.email == "aino@example.fi"
    assert desk.by_username("aino@example.fi") is None


def test_m2_title_unit_and_roles_are_kept(desk: Desk) -> None:
    add(desk, **AINO, title="Sairaanhoitaja", unit="Kotihoito", main_user="y", it_admin="y")

    aino = desk.by_username("aino@example.fi")
    assert aino
    member = desk.membership(aino)
    assert member
    assert (member.title, member.unit) == ("Sairaanhoitaja", "Kotihoito")
    assert member.roles == ["main_user", "it_admin"]


def test_m5_a_new_person_is_mailed_a_link_in_the_organizations_name(desk: Desk) -> None:
    page = add(desk, **AINO, mail="y")

    assert any("lähtee osoitteeseen aino@example.fi" in each for each in look.notices(page))
    browser = desk.provider.browser()
    form = browser.open(desk.provider.mailed_link("aino@example.fi"))
    inside = browser.submit(form, password="viisi keltaista kanariaa")
    assert look.heading(inside) == "Hei, Aino"
    body = desk.provider.mails("aino@example.fi")[0].get_body(("plain",))
    assert body
    assert "Kuusela" in body.get_content()


def test_without_the_tick_no_mail_leaves_and_the_page_says_so(desk: Desk) -> None:
    page = add(desk, **AINO)

    assert desk.provider.mails("aino@example.fi") == []
    assert any("ei vielä lähetetty" in each for each in look.notices(page))


def test_somebody_without_an_email_is_added_and_the_page_says_what_is_missing(desk: Desk) -> None:
    page = add(desk, username="avirtanen", given_name="Aino", family_name="Virtanen", mail="y")

    assert desk.by_username("avirtanen")
    assert any("ei ole sähköpostiosoitetta" in each for each in look.notices(page))


def test_m6_a_known_username_adds_a_membership_and_the_password_stays(desk: Desk) -> None:
    veera = desk.stranger()
    page = add(desk, email="vieras@example.fi", given_name="Veera", family_name="Vieras", mail="y")

    assert "oli jo olemassa" in look.notices(page)[0]
    assert desk.membership(veera)
    assert look.heading(desk.signed_in(veera).open("/account")) == "Hei, Veera"
    subjects = [str(mail["Subject"]) for mail in desk.provider.mails("vieras@example.fi")]
    assert len(subjects) == 1


def test_m6_the_person_is_told_of_the_membership_by_mail(desk: Desk) -> None:
    desk.stranger()
    page = add(desk, email="vieras@example.fi", given_name="Veera", family_name="Vieras")

    assert any("viestin osoitteeseen vieras@example.fi" in each for each in look.notices(page))
    (mail,) = desk.provider.mails("vieras@example.fi")
    body = mail.get_body(("plain",))
    assert body
    assert "Kuusela" in body.get_content()


def test_m6_the_main_user_learns_that_the_account_differs_and_nothing_of_other_organizations(
    desk: Desk,
) -> None:
    desk.stranger()
    page = add(desk, email="vieras@example.fi", given_name="Vappu", family_name="Vieras")

    assert any("toiset tiedot" in each and "(etunimi)" in each for each in look.notices(page))
    assert "Lehtola" not in page.text


def test_m6_a_known_person_without_a_password_gets_the_link_too(desk: Desk) -> None:
    desk.lehtola()
    veera = desk.person("vieras@example.fi", "Veera", "Vieras", slug="lehtola", password=None)
    add(desk, email="vieras@example.fi", given_name="Veera", family_name="Vieras", mail="y")

    (link,) = desk.links_of(veera)
    assert link.organization_id == desk.organization_id


def test_m6_a_known_person_is_no_back_door_to_their_password(desk: Desk) -> None:
    veera = desk.stranger()
    add(desk, email="vieras@example.fi", given_name="Veera", family_name="Vieras", mail="y")

    assert desk.links_of(veera) == []
    with desk.provider.database.reading() as tx:
        assert credentials.has_password(tx, veera.id)


def test_nothing_is_kept_of_a_form_that_does_not_hold(desk: Desk) -> None:
    page = add(desk, email="aino@", given_name="", family_name="Virtanen")

    assert page.status_code == 422
    assert "<title>Virhe:" in page.text
    assert look.errors(page)["given_name"] == "Etunimi puuttuu. Täytä kohta."
    assert "Tarkista sähköpostiosoite." in look.errors(page)["email"]
    assert look.value(page, "family_name") == "Virtanen"
    assert desk.by_username("aino@") is None


def test_an_empty_form_names_each_field_that_is_missing(desk: Desk) -> None:
    assert set(look.errors(add(desk))) == {"email", "given_name", "family_name"}


def test_a_member_is_not_added_twice(desk: Desk) -> None:
    add(desk, **AINO)
    page = add(desk, **AINO)

    assert page.status_code == 422
    assert look.errors(page) == {"email": "Henkilö kuuluu jo organisaatioon."}


def test_m17_a_username_that_was_somebodys_is_refused_where_it_was_typed(desk: Desk) -> None:
    veera = desk.stranger()
    desk.provider.change(Person, veera.id, username="v", username_key="v")
    page = add(desk, **AINO, username="vieras@example.fi")

    assert set(look.errors(page)) == {"username"}


@pytest.mark.parametrize("field", ["roles", "is_operator", "organization_id", "id", "locked_at"])
def test_a_field_that_the_form_does_not_have_changes_nothing(desk: Desk, field: str) -> None:
    desk.post("/organization/kuusela/people/new", **AINO, **{field: "main_user"})

    aino = desk.by_username("aino@example.fi")
    assert aino
    member = desk.membership(aino)
    assert member
    assert (aino.is_operator, aino.locked_at, member.roles) == (False, None, [])
