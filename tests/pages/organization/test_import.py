"""Importing many people (M2): checked first, imported as checked, each row all or nothing."""

import html
import re
from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.directory.models import Membership, Person
from idp.foundation.secrets import digest
from idp.pages.organization.import_people import MOST_ROWS
from idp.pages.organization.verdicts import SHOWN
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, Desk, press, token
from tests.pages.organization.spreadsheets import read_table
from tests.provider import forms

HEADER = "username,given_name,family_name,email,title,unit,role"
TWO = (
    "aino@example.fi,Aino,Virtanen,,Sairaanhoitaja,Kotihoito,",
    "iiro@example.fi,Iiro,Itälä,,,,it_admin",
)


def file(*rows: str, header: str = HEADER) -> str:
    """The text of a file."""
    return "\n".join((header, *rows))


def check(desk: Desk, content: str | bytes) -> httpx.Response:
    """Choose a file and have it checked."""
    data = content if isinstance(content, bytes) else content.encode()
    return desk.browser.follow(
        desk.browser.post(
            f"{CONSOLE}/people/import",
            data={"csrf_token": token(desk.browser)},
            files={"file": ("people.csv", data, "text/csv")},
        )
    )


def accept(desk: Desk, checked: httpx.Response, **values: str) -> httpx.Response:
    """Import what was checked."""
    number = [form.action for form in forms(checked)].index(f"{CONSOLE}/people/import/rows")
    return desk.browser.submit(checked, number, **values)


def rows(page: httpx.Response) -> list[tuple[str, ...]]:
    """The table of verdicts: username, line, outcome, explanation."""
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page.text, re.DOTALL)
    return [tuple(look.plain(cell) for cell in re.split(r"</t[hd]>", row)[:4]) for row in found]


def usernames(desk: Desk) -> set[str]:
    """Who is in Kuusela."""
    with desk.provider.database.reading() as tx:
        query = select(Person.username).join(Person.memberships)
        return set(
            tx.session.scalars(query.where(Membership.organization_id == desk.organization_id))
        )


def test_m2_a_file_is_checked_first_and_nothing_is_stored(desk: Desk) -> None:
    page = check(desk, file(*TWO))

    assert look.heading(page) == "Tarkistuksen tulos"
    assert [row[:3] for row in rows(page)] == [
        ("aino@example.fi", "2", "Uusi"),
        ("iiro@example.fi", "3", "Uusi"),
    ]
    assert usernames(desk) == {"pirkko@example.fi"}
    assert desk.provider.mails() == []


def test_m2_what_was_checked_is_imported_without_choosing_the_file_again(desk: Desk) -> None:
    page = accept(desk, check(desk, file(*TWO)))

    assert look.heading(page) == "Tuonnin tulos"
    assert usernames(desk) == {"pirkko@example.fi", "aino@example.fi", "iiro@example.fi"}
    iiro = desk.by_username("iiro@example.fi")
    assert iiro
    member = desk.membership(iiro)
    assert member
    assert member.roles == ["it_admin"]


def test_m5_each_new_person_is_mailed_a_link_if_the_main_user_wants_it(desk: Desk) -> None:
    accept(desk, check(desk, file(*TWO)), mail="y")

    assert {str(mail["To"]) for mail in desk.provider.mails()} == {
        "aino@example.fi",
        "iiro@example.fi",
    }


def test_without_the_tick_an_import_mails_nobody(desk: Desk) -> None:
    page = accept(desk, check(desk, file(*TWO)))

    assert desk.provider.mails() == []
    assert "ei lähetetty" in look.text(page)


def test_m6_a_known_username_is_joined_and_mailed_word_of_it_but_no_link(desk: Desk) -> None:
    veera = desk.stranger()
    checked = check(desk, file("vieras@example.fi,Vappu,Vieras,,,,"))
    (verdict,) = rows(checked)
    assert verdict[2] == "Liitetään"
    assert verdict[3].startswith("Tunnus on jo olemassa, mutta sen tiedot ovat toiset (etunimi).")
    accept(desk, checked, mail="y")

    assert desk.membership(veera)
    assert desk.links_of(veera) == []
    assert len(desk.provider.mails("vieras@example.fi")) == 1


def test_each_row_that_cannot_be_imported_says_why_and_the_others_are(desk: Desk) -> None:
    checked = check(
        desk,
        file(
            TWO[0],
            "aino@example.fi,Aino,Virtanen,,,,",
            "leo@example.fi,,Korhonen,leo@,,,",
            "saga@example.fi,Saga,Öhman,,,,boss",
            "pirkko@example.fi,Pirkko,Pohjola,,,,",
            "iiro@example.fi,Iiro,Itälä,,,,,,too,many",
        ),
    )
    verdicts = {row[1]: row[2:] for row in rows(checked)}

    assert verdicts["3"] == ("Toistuu", "Sama käyttäjätunnus on jo rivillä 2.")
    assert verdicts["4"][0] == "Virhe"
    assert "etunimi: Täytä tämä kohta." in verdicts["4"][1]
    assert "sähköpostiosoite: Tarkista sähköpostiosoite." in verdicts["4"][1]
    assert verdicts["5"][1].startswith("rooli: Rooli on joko main_user")
    assert verdicts["6"] == ("Ennallaan", "Kuuluu jo organisaatioon, mitään ei muuteta.")
    assert verdicts["7"][1].startswith("Rivillä on enemmän soluja")
    accept(desk, checked)
    assert usernames(desk) == {"pirkko@example.fi", "aino@example.fi"}


def test_the_rows_to_look_at_come_first(desk: Desk) -> None:
    page = check(desk, file(*TWO, "leo@,Leo,Korhonen,leo@,,,"))

    assert [row[0] for row in rows(page)] == ["leo@", "aino@example.fi", "iiro@example.fi"]


def test_pasted_rows_do_as_well_as_a_file(desk: Desk) -> None:
    page = desk.browser.submit(desk.open("/people/import"), text=file(*TWO))

    assert len(rows(page)) == 2
    accept(desk, page)
    assert desk.by_username("aino@example.fi")


def test_a_file_as_finnish_spreadsheets_write_it_is_read(desk: Desk) -> None:
    content = "\ufeff" + file(TWO[1].replace(",", ";"), header=HEADER.replace(",", ";"))
    page = check(desk, content.replace("\n", "\r\n"))

    assert rows(page)[0][:3] == ("iiro@example.fi", "2", "Uusi")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Valitse tiedosto tai liitä rivit."),
        (b" \r\n ", "Valitse tiedosto tai liitä rivit."),
        (HEADER.encode(), "Tiedostossa ei ole yhtään henkilöä."),
        (b"name,email\na,b", "username: Tämä sarake puuttuu."),
        (file("ä").encode("latin-1"), "UTF-8-muodossa"),
        (file('"a').encode(), "lainausmerkki"),
        (file(*["x,x,x"] * (MOST_ROWS + 1)).encode(), f"enintään {MOST_ROWS} kerralla"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    desk: Desk, content: bytes, reason: str
) -> None:
    page = check(desk, content)

    assert page.status_code == 422
    assert reason in look.text(page)
    assert usernames(desk) == {"pirkko@example.fi"}


def test_a_file_that_holds_nobody_to_add_offers_nothing_but_another_file(desk: Desk) -> None:
    page = check(desk, file("pirkko@example.fi,Pirkko,Pohjola,,,,", "leo@example.fi,,,,,,"))

    assert "Tiedostossa ei ole ketään lisättävää" in look.text(page)
    assert f"{CONSOLE}/people/import/rows" not in [form.action for form in forms(page)]
    assert f"{CONSOLE}/people/import" in look.links(page)


def test_a_file_that_does_not_fit_into_a_page_is_refused_with_the_reason(desk: Desk) -> None:
    noise = [digest(str(each)).hex() for each in range(MOST_ROWS * 6)]
    texts = ["".join(noise[each : each + 3]) for each in range(0, len(noise), 3)]
    people = zip(noise, texts[::2], texts[1::2], strict=False)
    page = check(desk, file(*[f"{name}@x.fi,A,B,,{title},{unit}," for name, title, unit in people]))

    assert page.status_code == 422
    assert "Tiedosto on liian suuri. Jaa se osiin." in look.text(page)


def test_the_checked_file_opens_for_nobody_else_and_nowhere_else(desk: Desk) -> None:
    checked = check(desk, file(*TWO))
    sealed = look.value(checked, "checked")
    paula = desk.shared("paula@example.fi", roles=("main_user",))
    desk.provider.change(Membership, (paula.id, desk.lehtola()), is_main_user=True)
    browser = desk.signed_in(paula)

    for path in ("/organization/kuusela", "/organization/lehtola"):
        data = {"csrf_token": token(browser), "checked": sealed}
        answer = browser.post(f"{path}/people/import/rows", data=data)
        assert answer.headers["Location"] == f"{path}/people/import"
    assert usernames(desk) == {"pirkko@example.fi", "paula@example.fi"}


def test_a_checked_file_that_was_tampered_with_is_asked_for_again(desk: Desk) -> None:
    page = desk.post(f"{CONSOLE}/people/import/rows", checked="nonsense", mail="y")

    assert page.url.path == f"{CONSOLE}/people/import"
    assert "Valitse se uudelleen." in look.notices(page)[0]


def test_importing_the_same_twice_adds_nobody_twice_and_mails_nobody_twice(desk: Desk) -> None:
    checked = check(desk, file(*TWO))
    accept(desk, checked, mail="y")
    again = accept(desk, checked, mail="y")

    assert {row[2] for row in rows(again)} == {"Ennallaan"}
    assert len(desk.provider.mails()) == 2


def download(desk: Desk, page: httpx.Response) -> list[list[str]]:
    """The verdicts as a spreadsheet reads them."""
    return read_table(press(desk.browser, page, f"{CONSOLE}/people/import/result.csv"))


def test_every_verdict_can_be_taken_as_a_file_whose_cells_run_nowhere(desk: Desk) -> None:
    page = check(desk, file(*TWO, "=cmd|calc,Leo,Korhonen,,,,boss"))
    table = download(desk, page)

    assert table[0] == ["Rivi", "Käyttäjätunnus", "Tulos", "Selitys"]
    assert table[1][:3] == ["2", "aino@example.fi", "Uusi"]
    assert table[3][1] == "'=cmd|calc"
    done = download(desk, accept(desk, page))
    assert done[1][3] == "Sai uuden käyttäjätunnuksen."


def test_a_long_file_shows_some_rows_and_gives_all_as_a_file(desk: Desk) -> None:
    number = SHOWN + 3
    page = check(desk, file(*[f"p{each}@example.fi,Aino,Aalto,,,," for each in range(number)]))

    assert len(rows(page)) == SHOWN
    assert "Lisäksi 3 riviä" in look.text(page)
    assert len(download(desk, page)) == number + 1


def test_the_empty_file_has_the_columns(desk: Desk) -> None:
    assert read_table(desk.open("/people/import/template.csv")) == [HEADER.split(",")]


def test_an_import_is_in_the_log_under_the_reference_that_its_page_leads_to(desk: Desk) -> None:
    page = accept(desk, check(desk, file(*TWO)))
    (link,) = [each for each in look.links(page) if "/log?reference=" in each]
    log = desk.browser.open(html.unescape(link))

    assert "toi käyttäjiä tiedostosta" in look.text(log)
    assert "Uusi 2" in look.text(log)
    with desk.provider.database.reading() as tx:
        record = tx.session.scalars(
            select(AuditRecord).where(AuditRecord.event == Event.PEOPLE_IMPORTED.value)
        ).one()
    assert record.actor_id == desk.pirkko.id
    assert link.endswith(record.reference)


def test_what_the_file_says_is_text_on_the_page(desk: Desk) -> None:
    page = check(desk, file("<b>x</b>@example.fi,A,B,,,,", "<i>,,,,,,"))

    assert "<b>x</b>" not in page.text
    assert "<i>" not in page.text


def test_the_columns_that_are_not_ours_are_named(desk: Desk) -> None:
    page = check(desk, file("a,b,c,d", header="username,given_name,family_name,<salasana>"))

    assert "<salasana>: Tätä saraketta emme tunne." in look.text(page)
    assert columns(page) == ["username", "given_name", "family_name", *HEADER.split(",")[3:]]


def columns(page: httpx.Response) -> Sequence[str]:
    """The columns that the page explains."""
    return re.findall(r"<dt><code>(\w+)</code></dt>", page.text)
