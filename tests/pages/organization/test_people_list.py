"""The list of people: searched, filtered, paged, and how each of them stands (M2)."""

import re
from datetime import timedelta

import httpx
import pytest

from idp.directory import organizations, persons
from idp.directory.models import Membership, Person
from idp.directory.people import PAGE_SIZE
from idp.directory.persons import NewPerson
from idp.foundation.clock import shifted, utcnow
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, SLUG, Desk
from tests.provider import OPERATOR, Account

REFUSED = "550 5.1.1 <aino@example.fi>: User unknown"


def names(page: httpx.Response) -> list[str]:
    """The people of the list, in its order."""
    found = re.findall(r'<th scope="row"><a href="[^"]*">(.*?)</a>', page.text)
    return [look.plain(name) for name in found]


def state(page: httpx.Response, name: str) -> str:
    """What the list says of how somebody stands."""
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", page.text, re.DOTALL)
    (row,) = [row for row in rows if name in look.plain(row)]
    return look.plain(row.rpartition("<td")[2].partition(">")[2])


def test_people_are_listed_by_their_names_as_finns_order_them(desk: Desk) -> None:
    for number, family_name in enumerate(("Öhman", "Ahola", "Åberg", "Zetterberg", "Äijälä")):
        desk.person(f"p{number}@example.fi", "Aino", family_name)

    assert names(desk.open()) == [
        *("Aino Ahola", "Pirkko Pohjola", "Aino Zetterberg"),
        *("Aino Åberg", "Aino Äijälä", "Aino Öhman"),
    ]


@pytest.mark.parametrize(
    "search", ["virtanen", "AINO virt", "aino@ex", "kotihoi", "sairaan", "  aino  "]
)
def test_a_person_is_found_by_name_username_email_title_and_unit(desk: Desk, search: str) -> None:
    aino = desk.person("aino@example.fi")
    desk.provider.change(
        Membership, (aino.id, desk.organization_id), title="Sairaanhoitaja", unit="Kotihoito"
    )
    page = desk.open(q=search)

    assert names(page) == ["Aino Virtanen"]
    assert look.value(page, "q") == search.strip()
    assert "Löytyi yksi henkilö." in look.text(page)


def test_a_search_that_finds_nobody_says_so_and_leads_back(desk: Desk) -> None:
    page = desk.open(q="kertu%_\x00\ud800".encode("utf-8", "ignore").decode())

    assert "Ketään ei löytynyt" in look.text(page)
    assert CONSOLE in look.links(page)


def test_the_list_can_be_narrowed_to_a_role(desk: Desk) -> None:
    desk.person("aino@example.fi")
    desk.person("iiro@example.fi", "Iiro", "Itälä", roles=("it_admin",))

    assert names(desk.open(role="main_user")) == ["Pirkko Pohjola"]
    assert names(desk.open(role="it_admin")) == ["Iiro Itälä"]
    assert len(names(desk.open(role="nonsense"))) == 3


@pytest.fixture
def five(desk: Desk) -> Desk:
    """Somebody of each state beside Pirkko, who is in use."""
    desk.person("vesa@example.fi", "Vesa", "Vartoo", password=None)
    bea = desk.person("bea@example.fi", "Bea", "Bumerangi", password=None)
    desk.send_link(bea)
    desk.mail_became("bounced", REFUSED)
    lauri = desk.person("lauri@example.fi", "Lauri", "Lukossa")
    desk.provider.change(Membership, (lauri.id, desk.organization_id), locked_at=utcnow())
    keijo = desk.person("keijo@example.fi", "Keijo", "Kaikkialla", password=None)
    desk.provider.change(Person, keijo.id, locked_at=utcnow())
    return desk


def test_each_state_is_told_in_words_not_in_colours(five: Desk) -> None:
    page = five.open()

    assert state(page, "Pirkko Pohjola") == "Käytössä"
    assert state(page, "Vesa Vartoo") == "Salasana luomatta"
    assert state(page, "Lauri Lukossa") == "Lukittu"
    assert state(page, "Keijo Kaikkialla") == "Lukittu kaikkialla"
    assert state(page, "Bea Bumerangi").startswith("Salasana luomatta Viesti ei mennyt perille")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("active", ["Pirkko Pohjola"]),
        ("waiting", ["Bea Bumerangi", "Vesa Vartoo"]),
        ("bounced", ["Bea Bumerangi"]),
        ("locked", ["Keijo Kaikkialla", "Lauri Lukossa"]),
        ("nonsense", None),
    ],
)
def test_the_list_can_be_narrowed_to_a_state(
    five: Desk, wanted: str, found: list[str] | None
) -> None:
    page = five.open(state=wanted)

    assert names(page) == (found or names(five.open()))


def test_search_role_and_state_narrow_together(five: Desk) -> None:
    assert names(five.open(state="waiting", q="vesa")) == ["Vesa Vartoo"]
    assert names(five.open(state="waiting", q="bea@ex")) == ["Bea Bumerangi"]
    assert names(five.open(state="waiting", q="pirkko")) == []
    assert names(five.open(state="active", role="main_user")) == ["Pirkko Pohjola"]
    assert names(five.open(state="waiting", role="main_user")) == []


def test_where_single_sign_on_is_used_people_are_in_use_without_a_password(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    browser = desk.signed_in(desk.operator())
    desk.use_sso(aino)
    page = browser.open(CONSOLE)

    assert state(page, "Aino-Liisa") == "Kertakirjautuminen"
    assert "Aino-Liisa Virtanen" in names(browser.open(f"{CONSOLE}?state=active"))
    assert 'value="waiting"' not in page.text


def test_where_single_sign_on_is_used_nobody_is_added_by_hand_and_the_list_says_why(
    desk: Desk,
) -> None:
    browser = desk.signed_in(desk.operator())
    desk.use_sso()
    page = browser.open(CONSOLE)

    assert "Kuusela käyttää kertakirjautumista, joten tunnuksia ei lisätä käsin." in look.text(page)
    assert "/sso/kuusela" in look.text(page)
    assert f"{CONSOLE}/people/new" not in look.links(page)
    assert browser.open(f"{CONSOLE}/people/new").status_code == 403
    assert browser.open(f"{CONSOLE}/people/import").status_code == 403


def test_the_fate_of_the_last_mail_is_told(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    assert "Viesti otettu lähetettäväksi" in state(desk.open(), "Aino")

    desk.mail_became("sent")
    assert "Viesti toimitettu" in state(desk.open(), "Aino")

    with shifted(timedelta(hours=12, seconds=1)):
        assert "Linkki vanhentunut" in state(desk.signed_in_page(), "Aino")


def test_a_bounced_mail_is_told_with_the_other_servers_words(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.mail_became("bounced", REFUSED)

    assert state(desk.open(), "Aino").endswith(f"Palvelin vastasi: {REFUSED}")


def test_an_unused_link_of_somebody_who_has_a_password_is_no_news(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    desk.send_link(aino, ours=False)
    desk.mail_became("sent")

    assert "Viesti toimitettu" in state(desk.open(), "Aino")
    with shifted(timedelta(hours=13)):
        assert state(desk.signed_in_page(), "Aino") == "Käytössä"


def test_what_people_typed_is_text_on_the_page(desk: Desk) -> None:
    desk.person("x@example.fi", "<script>alert(1)</script>", "& Poika")
    page = desk.open(q="<script>")

    assert "<script>alert" not in page.text
    assert names(page) == ["<script>alert(1)</script> & Poika"]


def crowd(desk: Desk, number: int) -> list[Account]:
    """Many people; their names tell their order."""
    return [
        desk.person(f"p{each:03}@example.fi", "Aino", f"Aalto{each:03}", password=None)
        for each in range(number)
    ]


def test_a_long_list_comes_in_pages(desk: Desk) -> None:
    crowd(desk, PAGE_SIZE + 4)
    first, second = desk.open(), desk.open(page="2")

    assert names(first) == [f"Aino Aalto{each:03}" for each in range(PAGE_SIZE)]
    assert names(second)[:4] == [f"Aino Aalto{PAGE_SIZE + each:03}" for each in range(4)]
    assert f"Näytetään 1–{PAGE_SIZE}, yhteensä {PAGE_SIZE + 5}." in look.text(first)
    assert f"{CONSOLE}?page=2" in look.links(first)


def test_the_pages_of_a_search_keep_what_was_asked(desk: Desk) -> None:
    crowd(desk, PAGE_SIZE + 1)
    page = desk.open(q="aalto", state="waiting")

    assert f"{CONSOLE}?q=aalto&state=waiting&page=2" in look.links(page)
    assert len(names(desk.open(q="aalto", state="waiting", page="2"))) == 1


def test_of_many_pages_the_first_the_last_and_the_nearest_are_named(desk: Desk) -> None:
    with desk.provider.database.transaction() as tx:
        kuusela = organizations.by_slug(tx, SLUG)
        for each in range(PAGE_SIZE * 6):
            new = NewPerson(username=f"p{each}@example.fi", given_name="Aino", family_name="Aalto")
            persons.add(tx, new, kuusela, by=OPERATOR)

    assert numbers(desk.open()) == ["1", "2", "…", "7"]
    assert numbers(desk.open(page="4")) == ["1", "…", "3", "4", "5", "…", "7"]
    assert numbers(desk.open(page="7")) == ["1", "…", "6", "7"]


def numbers(page: httpx.Response) -> list[str]:
    """The pages that the pager names."""
    found = re.findall(r'<li class="pager-number">(.*?)</li>', page.text)
    return [look.plain(each).removeprefix("Sivu ") for each in found]


@pytest.mark.parametrize("number", ["0", "-1", "99999999", "x", "²", ""])
def test_a_page_that_does_not_exist_is_the_nearest_that_does(desk: Desk, number: str) -> None:
    page = desk.open(page=number)

    assert page.status_code == 200
    assert names(page) == ["Pirkko Pohjola"]


def test_m19_the_console_shows_the_operators_support_contact(desk: Desk) -> None:
    page = desk.open()

    contact = desk.provider.settings.support_contact
    assert f"mailto:{contact}" in look.links(page)
    assert "Pääkäyttäjänä saat apua käyttötuesta." in look.text(page)


def test_the_way_to_the_list_is_the_menu_and_the_breadcrumb(desk: Desk) -> None:
    page = desk.open()

    assert ("Henkilöt", CONSOLE) in look.menu(page)
    assert look.breadcrumb(page) == ["Etusivu", "Kuusela"]


def test_an_operator_comes_here_through_the_operators_pages(desk: Desk) -> None:
    page = desk.signed_in(desk.operator()).open(CONSOLE)

    assert look.breadcrumb(page) == ["Etusivu", "Ylläpito", "Kuusela"]


@pytest.mark.parametrize(
    ("locale", "heading"), [("fi", "Henkilöt"), ("sv", "Personer"), ("en", "People")]
)
def test_the_list_is_in_the_readers_language(desk: Desk, locale: str, heading: str) -> None:
    page = desk.open(ui_locales=locale)

    assert f'<html lang="{locale}">' in page.text
    assert look.heading(page) == heading


def test_people_of_other_organizations_are_not_in_the_list(desk: Desk) -> None:
    desk.stranger()

    assert names(desk.open(q="vieras")) == []
    assert names(desk.open()) == ["Pirkko Pohjola"]


def test_an_organization_without_people_says_what_to_do(desk: Desk) -> None:
    desk.provider.organization("tyhjala")
    page = desk.signed_in(desk.operator()).open("/organization/tyhjala")

    assert "Organisaatiossa ei ole vielä henkilöitä" in look.text(page)
