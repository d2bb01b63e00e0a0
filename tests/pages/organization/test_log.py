"""The organization's event log (M16): what a person reads from an error page is found there."""

import csv
import io
import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from idp.audit import Actor, AuditRecord, Event, record
from idp.directory import usernames
from idp.directory.models import Person
from idp.pages.organization.deeds import KINDS
from idp.pages.organization.log import PAGE_SIZE
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, Desk
from tests.provider import OPERATOR, Account

SYSTEM_WIDE = {"organization", "operator", "client", "key", "keys", "system", "audit"}
"""What the operator's log is for."""


def sentences(page: httpx.Response) -> list[str]:
    """What the log says happened, the newest first, without the remarks."""
    cells = re.findall(r'<td data-label="Tapahtuma"><div>(.*?)(?:<span|</div>)', page.text)
    return [look.plain(cell) for cell in cells]


@pytest.fixture
def aino(desk: Desk) -> Account:
    """Somebody of Kuusela alone."""
    return desk.person("aino@example.fi")


def deed(
    desk: Desk,
    event: Event,
    *,
    target: str | None,
    organization_id: str | None = None,
    reference: str = "ABCD-2345",
    actor: str | None = None,
    **detail: str,
) -> None:
    """Write a record of something that happened."""
    by = Actor(kind="person", id=actor or target, network="192.0.2.7", reference=reference)
    with desk.provider.database.transaction() as tx:
        record(tx, event, by=by, organization_id=organization_id, target_id=target, **detail)


# What a reference finds


def test_m16_the_reference_of_an_error_page_is_found_with_what_was_tried(
    desk: Desk, aino: Account
) -> None:
    browser = desk.signed_in(aino)
    broken = browser.open("/nowhere")
    spoken = look.reference(broken).replace("-", " - ").lower()
    page = desk.open("/log", reference=f" {spoken} ")

    assert sentences(page) == ["Aino Virtanen sai virheilmoituksen"]
    words = look.text(page)
    assert "Mitä yritettiin: GET /nowhere" in words
    assert "Ongelma: Sivua ei löydy" in words


def test_m16_the_reference_of_a_failed_sign_in_is_found(desk: Desk, aino: Account) -> None:
    failed = desk.provider.browser().sign_in(
        Account(id=aino.id, username=aino.username, password="väärä")
    )
    found = re.search(r"data-reference[^>]*>([^<]+)<", failed.text)
    assert found

    assert sentences(desk.open("/log", reference=found[1])) == [
        "Kirjautuminen epäonnistui: Aino Virtanen"
    ]


def test_m16_a_reference_that_a_member_of_two_organizations_reads_out_is_found(
    desk: Desk,
) -> None:
    jaana = desk.shared()
    deed(desk, Event.SIGN_IN_FAILED, target=jaana.id)

    assert sentences(desk.open("/log", reference="ABCD-2345")) == [
        "Kirjautuminen epäonnistui: Jaana Jaettu"
    ]


def test_a_reference_of_another_organization_or_of_a_stranger_is_not_found(desk: Desk) -> None:
    veera, jaana = desk.stranger(), desk.shared()
    deed(desk, Event.SIGN_IN_FAILED, target=veera.id)
    deed(desk, Event.SIGN_IN_FAILED, target=None)
    deed(desk, Event.PROBLEM_SHOWN, target=jaana.id, organization_id=desk.lehtola())
    page = desk.open("/log", reference="ABCD-2345")

    assert sentences(page) == []
    assert "käyttötuki löytää tapahtuman viitekoodilla" in look.text(page)


# What a person's name finds


def test_the_events_of_one_person_are_found_by_their_username(desk: Desk, aino: Account) -> None:
    desk.person("iiro@example.fi", "Iiro", "Itälä")
    page = desk.open("/log", person="AINO@example.fi")

    assert sentences(page) == [
        "Ylläpitäjä loi uuden salasanan",
        "Ylläpitäjä lisäsi käyttäjän organisaatioon: Aino Virtanen",
        "Ylläpitäjä lisäsi käyttäjän: Aino Virtanen",
    ]


def test_an_earlier_username_finds_the_same_person(desk: Desk, aino: Account) -> None:
    with desk.provider.database.transaction() as tx:
        usernames.rename(
            tx,
            aino.id,
            "aalto@example.fi",
            by=OPERATOR,
            reason="Uusi nimi",
            organization_id=desk.organization_id,
        )
    for name in ("aino@example.fi", "aalto@example.fi"):
        page = desk.open("/log", person=name, kind="profiles")
        assert sentences(page) == ["Ylläpitäjä vaihtoi käyttäjätunnuksen: Aino Virtanen"]
        assert "Muutos: aino@example.fi → aalto@example.fi" in look.text(page)
        assert "Syy: Uusi nimi" in look.text(page)


def test_the_sign_ins_of_somebody_who_belongs_here_alone_are_found_by_person(
    desk: Desk, aino: Account
) -> None:
    desk.signed_in(aino)

    assert "Aino Virtanen kirjautui sisään" in sentences(desk.open("/log", person=aino.username))
    assert "Aino Virtanen kirjautui sisään" not in sentences(desk.open("/log"))


def test_the_sign_ins_of_somebody_who_belongs_elsewhere_too_are_not_this_organizations_business(
    desk: Desk,
) -> None:
    jaana = desk.shared()
    desk.signed_in(jaana)
    found = sentences(desk.open("/log", person=jaana.username))

    assert found == [
        "Ylläpitäjä lisäsi käyttäjän organisaatioon: Jaana Jaettu",
        "Ylläpitäjä lisäsi käyttäjän: Jaana Jaettu",
    ]


def test_an_operators_sign_ins_are_not_the_main_users_business(desk: Desk, aino: Account) -> None:
    desk.provider.change(Person, aino.id, is_operator=True)
    desk.signed_in(aino)

    found = sentences(desk.open("/log", person=aino.username))
    assert "Aino Virtanen kirjautui sisään" not in found


@pytest.mark.parametrize("username", ["vieras@example.fi", "nobody@example.fi", "-"])
def test_a_stranger_and_nobody_at_all_look_the_same(desk: Desk, username: str) -> None:
    desk.signed_in(desk.stranger())
    page = desk.open("/log", person=username)

    assert page.status_code == 200
    assert sentences(page) == []


# The whole log


def test_the_log_tells_the_organizations_deeds_newest_first_and_no_others(
    desk: Desk, aino: Account
) -> None:
    veera = desk.stranger()
    deed(desk, Event.MEMBERSHIP_LOCKED, target=veera.id, organization_id=desk.lehtola())
    desk.post(desk.path(aino, "lock"))
    found = sentences(desk.open("/log"))

    assert found[:2] == [
        "Pirkko Pohjola lukitsi käyttäjän organisaatiossa: Aino Virtanen",
        "Ylläpitäjä lisäsi käyttäjän organisaatioon: Aino Virtanen",
    ]
    assert not any("Vieras" in each for each in found)


def test_somebody_who_left_is_called_by_the_username_they_had_then(
    desk: Desk, aino: Account
) -> None:
    desk.browser.submit(desk.browser.open(desk.path(aino, "remove")))
    with desk.provider.database.transaction() as tx:
        usernames.rename(tx, aino.id, "secret@example.fi", by=OPERATOR, reason="Muualla")
    page = desk.open("/log", kind="people")

    assert sentences(page)[0] == "Pirkko Pohjola poisti käyttäjän organisaatiosta: aino@example.fi"
    assert "secret" not in page.text


def test_a_changed_profile_tells_what_it_was_and_is(desk: Desk, aino: Account) -> None:
    page = desk.browser.open(desk.path(aino, "edit"))
    desk.browser.submit(page, title="<b>Johtaja</b>", main_user="y")
    page = desk.open("/log")

    assert "titteli: \u2013 → <b>Johtaja</b>" in look.text(page)
    assert "Muutos: Käyttäjä → Pääkäyttäjä" in look.text(page)
    assert "<b>Johtaja" not in page.text


def test_what_a_later_version_wrote_is_told_by_its_name(desk: Desk, aino: Account) -> None:
    deed(desk, Event.PROBLEM_SHOWN, target=aino.id, organization_id=desk.organization_id)
    with desk.provider.database.transaction() as tx:
        query = select(AuditRecord).where(AuditRecord.reference == "ABCD-2345")
        tx.session.scalars(query).one().event = "moon.landed"

    assert sentences(desk.open("/log"))[0] == "moon.landed"


def test_ids_of_sessions_and_tokens_are_not_told(desk: Desk, aino: Account) -> None:
    desk.signed_in(aino)
    page = desk.open("/log", person=aino.username)
    with desk.provider.database.reading() as tx:
        query = select(AuditRecord).where(AuditRecord.event == Event.SIGNED_IN.value)
        ids = [each.detail["session"] for each in tx.session.scalars(query)]

    assert ids
    assert not any(each in page.text for each in ids)


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_log_can_be_narrowed_to_a_kind_of_deed(desk: Desk, aino: Account, kind: str) -> None:
    events = {
        "people": Event.MEMBERSHIP_LOCKED,
        "profiles": Event.PROFILE_CHANGED,
        "passwords": Event.MAIL_BOUNCED,
        "sign_ins": Event.GRANT_ISSUED,
        "problems": Event.PROBLEM_SHOWN,
    }
    for event in events.values():
        deed(desk, event, target=aino.id, organization_id=desk.organization_id)
    page = desk.open("/log", kind=kind, reference="ABCD-2345")

    with desk.provider.database.reading() as tx:
        every = tx.session.scalars(
            select(AuditRecord.event).where(AuditRecord.reference == "ABCD-2345")
        ).all()
    assert len(every) == len(KINDS)
    assert len(sentences(page)) == 1


def test_every_event_is_of_one_kind_or_concerns_the_whole_system() -> None:
    of_kinds = [event for events in KINDS.values() for event in events]

    assert len(of_kinds) == len(set(of_kinds))
    left = {event.value.partition(".")[0] for event in set(Event) - set(of_kinds)}
    assert left <= SYSTEM_WIDE


def test_a_long_log_comes_in_pages_without_gaps_or_repetitions(desk: Desk, aino: Account) -> None:
    for number in range(PAGE_SIZE + 10):
        deed(
            desk,
            Event.PROBLEM_SHOWN,
            target=aino.id,
            organization_id=desk.organization_id,
            tried=f"GET /{number:03}",
        )
    tried = [each for page in pages(desk) for each in re.findall(r"GET /(\d{3})", page.text)]

    assert tried == [f"{number:03}" for number in reversed(range(PAGE_SIZE + 10))]


def pages(desk: Desk) -> Iterator[httpx.Response]:
    """All pages of the problems in the log."""
    page = desk.open("/log", kind="problems")
    while True:
        yield page
        older = [each for each in look.links(page) if "before=" in each]
        if not older:
            return
        page = desk.browser.open(older[0])


@pytest.mark.parametrize("before", ["nonsense", "%"])
def test_a_page_that_does_not_exist_is_an_empty_one(desk: Desk, before: str) -> None:
    page = desk.open("/log", before=before)

    assert page.status_code == 200
    assert sentences(page) == []
    assert f"{CONSOLE}/log" in look.links(page)


@pytest.mark.parametrize("name", ["reference", "person", "before", "kind"])
def test_characters_that_no_store_takes_are_passed_over(desk: Desk, name: str) -> None:
    assert len(sentences(desk.open("/log", **{name: "\x00"}))) == len(sentences(desk.open("/log")))


# The file


def table(desk: Desk, **query: str) -> list[list[str]]:
    """The log as a Finnish spreadsheet opens it."""
    answer = desk.open("/log.csv", **query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_log_can_be_taken_as_a_file_whose_cells_run_nowhere(desk: Desk, aino: Account) -> None:
    desk.provider.change(Person, aino.id, given_name="=cmd()", family_name="|x")
    deed(
        desk,
        Event.MEMBERSHIP_LOCKED,
        target=aino.id,
        actor=aino.id,
        organization_id=desk.organization_id,
    )
    heading, newest, *_ = table(desk, kind="people")

    assert heading[:3] == ["Aika", "Tapahtuman nimi", "Tapahtuma"]
    assert newest[1] == "membership.locked"
    assert newest[2].startswith("'=cmd() |x lukitsi")
    assert newest[5] == "ABCD-2345"


def test_the_file_holds_what_was_asked_for(desk: Desk, aino: Account) -> None:
    desk.person("iiro@example.fi", "Iiro", "Itälä")

    assert all("Aino" in row[2] for row in table(desk, person=aino.username, kind="people")[1:])


def test_taking_the_file_is_a_deed_that_is_recorded(desk: Desk) -> None:
    table(desk)

    with desk.provider.database.reading() as tx:
        query = select(AuditRecord).where(AuditRecord.event == Event.AUDIT_EXPORTED.value)
        taken = tx.session.scalars(query).one()
    assert (taken.actor_id, taken.organization_id) == (desk.pirkko.id, desk.organization_id)


@pytest.mark.parametrize(("locale", "said"), [("sv", "låste"), ("en", "locked")])
def test_the_log_is_in_the_readers_language(
    desk: Desk, aino: Account, locale: str, said: str
) -> None:
    deed(desk, Event.MEMBERSHIP_LOCKED, target=aino.id, organization_id=desk.organization_id)

    assert said in look.text(desk.open("/log", ui_locales=locale))


def test_m19_the_log_shows_the_operators_support_contact(desk: Desk) -> None:
    page = desk.open("/log")

    assert f"mailto:{desk.provider.settings.support_contact}" in look.links(page)
    assert CONSOLE in look.links(page)
