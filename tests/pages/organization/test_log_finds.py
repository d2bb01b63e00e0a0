"""What a reference and a person's name find in the log, and what they do not (M16)."""

import re

import pytest

from idp.audit import Event
from idp.directory import usernames
from idp.directory.models import Person
from tests.pages import look
from tests.pages.organization.desk import Desk
from tests.pages.organization.happened import deed, sentences
from tests.provider import OPERATOR, Account

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
