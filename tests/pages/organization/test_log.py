"""The organization's event log as a whole: in words, by kind, page by page (M16, M19)."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.directory import usernames
from idp.pages.organization.deeds import KINDS
from idp.pages.organization.log import PAGE_SIZE
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, Desk
from tests.pages.organization.happened import deed, sentences
from tests.provider import OPERATOR, Account

SYSTEM_WIDE = {"organization", "operator", "client", "key", "keys", "system", "audit"}
"""What the operator's log is for."""


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
        "sso": Event.CONNECTION_CHANGED,
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
