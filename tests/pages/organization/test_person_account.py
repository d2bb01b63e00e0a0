"""Changing what opens an account: the e-mail address and the username (M11, M17, M18)."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from idp.audit import AuditRecord
from idp.directory.models import Person
from idp.foundation.clock import shifted, utcnow
from tests.pages import look
from tests.pages.organization.desk import Desk
from tests.provider import Account


def change_email(desk: Desk, account: Account, address: str) -> httpx.Response:
    """Save another address."""
    return desk.browser.submit(desk.browser.open(desk.path(account, "email")), email=address)


def rename(desk: Desk, account: Account, new: str, reason: str = "Nimi vaihtui") -> httpx.Response:
    """Save another username."""
    page = desk.browser.open(desk.path(account, "username"))
    return desk.browser.submit(page, username=new, reason=reason)


def confirm(desk: Desk, account: Account) -> None:
    """Let the person's address be one that a mailed link has reached."""
    desk.provider.change(Person, account.id, email_confirmed_at=utcnow())


# The e-mail address


def test_an_address_that_was_never_confirmed_changes_at_once(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    change_email(desk, aino, "aino.virtanen@example.fi")

    assert desk.provider.load(aino.id).email == "aino.virtanen@example.fi"


def test_who_has_a_password_is_sent_no_link_with_the_new_address(desk: Desk, aino: Account) -> None:
    page = change_email(desk, aino, "aino.virtanen@example.fi")

    assert look.notices(page) == ["Sähköpostiosoite on vaihdettu."]
    assert desk.links_of(aino) == []


def test_a_link_sent_to_the_wrong_address_dies_and_the_right_one_gets_another(
    desk: Desk,
) -> None:
    aino = desk.person("wrong@example.fi", password=None)
    desk.send_link(aino)
    wrong = desk.provider.mailed_link("wrong@example.fi")
    page = change_email(desk, aino, "right@example.fi")

    assert "lähtee osoitteeseen right@example.fi" in look.notices(page)[0]
    assert desk.provider.browser().open(wrong).status_code == 410
    right = desk.provider.mailed_link("right@example.fi")
    assert desk.provider.browser().open(right).status_code == 200


def test_m11_a_confirmed_address_changes_once_the_new_one_is_confirmed(
    desk: Desk, aino: Account
) -> None:
    confirm(desk, aino)
    page = change_email(desk, aino, "uusi@example.fi")

    assert "Vahvistuslinkki lähtee osoitteeseen uusi@example.fi." in look.notices(page)[0]
    assert "Odottaa vahvistusta: uusi@example.fi" in look.text(page)
    assert desk.provider.load(aino.id).email == "aino@example.fi"
    assert len(desk.provider.mails("aino@example.fi")) == 1
    browser = desk.provider.browser()
    browser.submit(browser.open(desk.provider.mailed_link("uusi@example.fi")))
    assert desk.provider.load(aino.id).email == "uusi@example.fi"


def test_an_address_that_the_person_ordered_is_not_told_before_it_counts(
    desk: Desk, aino: Account
) -> None:
    confirm(desk, aino)
    browser = desk.signed_in(aino)
    browser.submit(browser.open("/account/profile"), email="salainen@example.fi")

    assert desk.links_of(aino, "email")
    assert "salainen@example.fi" not in desk.look_at(aino).text


def test_the_same_address_again_changes_nothing(desk: Desk, aino: Account) -> None:
    page = change_email(desk, aino, "aino@example.fi")

    assert look.notices(page) == ["Osoite on sama kuin ennen."]
    assert desk.provider.mails() == []


def test_a_nonsensical_address_is_refused(desk: Desk, aino: Account) -> None:
    page = change_email(desk, aino, "aino@")

    assert page.status_code == 422
    assert "Tarkista sähköpostiosoite." in look.errors(page)["email"]


def test_an_address_that_links_of_another_organization_go_to_is_out_of_reach(desk: Desk) -> None:
    jaana = desk.shared()

    for answer in (
        desk.browser.open(desk.path(jaana, "email")),
        desk.post(desk.path(jaana, "email"), email="mine@example.fi"),
    ):
        assert answer.status_code == 403
        assert look.heading(answer) == "Henkilö kuuluu myös toiseen organisaatioon"
    assert desk.provider.load(jaana.id).email == "shared@example.fi"


# The username


def test_m18_the_main_user_changes_a_username_and_sub_and_password_stay(
    desk: Desk, aino: Account
) -> None:
    page = rename(desk, aino, "aino.aalto@example.fi")

    assert look.notices(page) == ["Käyttäjätunnus aino@example.fi on nyt aino.aalto@example.fi."]
    after = desk.provider.load(aino.id)
    assert after.username == "aino.aalto@example.fi"
    again = Account(id=aino.id, username="aino.aalto@example.fi", password=aino.password)
    assert desk.signed_in(again).open("/account").url.path == "/account"


def test_m18_what_the_change_means_is_said_before_it_is_made(desk: Desk, aino: Account) -> None:
    words = look.text(desk.browser.open(desk.path(aino, "username")))

    assert "Aiemmat valvontatapahtumat näkyvät entisen tunnuksen mukaan." in words
    assert "Entistä tunnusta ei anneta koskaan kenellekään toiselle." in words


def test_m18_the_person_is_told_of_the_new_username_by_mail(desk: Desk, aino: Account) -> None:
    rename(desk, aino, "aino.aalto@example.fi")

    (mail,) = desk.provider.mails("aino@example.fi")
    body = mail.get_body(("plain",))
    assert body
    assert "aino.aalto@example.fi" in body.get_content()


def test_m18_who_changed_a_username_and_why_is_recorded(desk: Desk, aino: Account) -> None:
    rename(desk, aino, "aino.aalto@example.fi", "Sukunimi vaihtui")

    with desk.provider.database.reading() as tx:
        query = select(AuditRecord).where(AuditRecord.event == "username.changed")
        record = tx.session.scalars(query).one()
    assert (record.actor_id, record.organization_id) == (desk.pirkko.id, desk.organization_id)
    assert record.detail == {
        "old": "aino@example.fi",
        "new": "aino.aalto@example.fi",
        "reason": "Sukunimi vaihtui",
    }


def test_m18_a_reason_is_required(desk: Desk, aino: Account) -> None:
    page = rename(desk, aino, "aino.aalto@example.fi", " ")

    assert page.status_code == 422
    assert set(look.errors(page)) == {"reason"}


def test_m17_a_username_that_was_somebodys_is_never_given_again(desk: Desk, aino: Account) -> None:
    rename(desk, aino, "aino.aalto@example.fi")
    page = rename(desk, desk.person("iiro@example.fi"), "aino@example.fi")

    assert page.status_code == 422
    assert "on joskus ollut toisella henkilöllä" in look.errors(page)["username"]


def test_m18_where_single_sign_on_is_used_the_main_user_cannot_and_is_told_why(
    desk: Desk, aino: Account
) -> None:
    desk.use_sso(aino)
    desk.vouched_for(desk.pirkko)
    page = desk.look_at(aino)
    assert "eikä pääkäyttäjä voi vaihtaa sitä" in look.text(page)
    answer = desk.post(desk.path(aino, "username"), username="x@example.fi", reason="Syy")

    assert answer.status_code == 403
    assert look.heading(answer) == "Käyttäjätunnus tulee kertakirjautumisesta"
    assert desk.provider.load(aino.id).username == "aino@example.fi"


def test_m18_the_username_of_somebody_who_belongs_elsewhere_too_is_out_of_reach(
    desk: Desk,
) -> None:
    jaana = desk.shared()
    answer = desk.post(desk.path(jaana, "username"), username="x@example.fi", reason="Syy")

    assert answer.status_code == 403
    assert look.heading(answer) == "Henkilö kuuluu myös toiseen organisaatioon"
    assert desk.provider.load(jaana.id).username == "shared@example.fi"


@pytest.mark.parametrize("deed", ["email", "username"])
def test_a_sign_in_of_long_ago_is_not_enough_for_what_opens_an_account(
    desk: Desk, aino: Account, deed: str
) -> None:
    path = desk.path(aino, deed)
    with shifted(timedelta(minutes=10, seconds=1)):
        page = desk.browser.open(path)
        assert page.url.path == "/login"
        back = desk.browser.submit(page, password=desk.pirkko.password)
        assert back.url.path == path
    with shifted(timedelta(minutes=25)):
        late = desk.post(path, username="x@example.fi", email="x@example.fi", reason="Syy")
    assert late.url.path == "/login"
    assert desk.provider.load(aino.id).username == "aino@example.fi"
    assert desk.provider.load(aino.id).email == "aino@example.fi"
