"""What a main user does with one press: links, locks, sessions, leaving (M2, M5)."""

import pytest
from sqlalchemy import select

from idp.audit import AuditRecord
from idp.authentication.links import MOST_LIVE
from idp.directory.models import Membership, Person
from idp.foundation.clock import utcnow
from tests.pages import look
from tests.pages.organization.desk import CONSOLE, Desk


def deeds(desk: Desk, event: str) -> list[AuditRecord]:
    """The records of one kind."""
    with desk.provider.database.reading() as tx:
        return list(tx.session.scalars(select(AuditRecord).where(AuditRecord.event == event)))


def live(desk: Desk, account: object) -> list[object]:
    """The person's links that still work."""
    return [link for link in desk.links_of(account) if not link.voided_at]  # type: ignore[arg-type]


def test_m5_the_link_can_be_sent_again_and_the_earlier_one_works_on(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.press(aino, "link")
    page = desk.press(aino, "link")

    assert look.notices(page) == ["Linkki salasanan luomiseen lähtee osoitteeseen aino@example.fi."]
    assert len(live(desk, aino)) == 2
    assert len(desk.provider.mails("aino@example.fi")) == 2
    assert {link.organization_id for link in desk.links_of(aino)} == {desk.organization_id}


def test_m5_no_more_than_three_links_live_at_once(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    for _ in range(MOST_LIVE):
        desk.send_link(aino)
    first = desk.links_of(aino)[0]
    desk.press(aino, "link")

    assert len(live(desk, aino)) == MOST_LIVE
    assert first.id not in {link.id for link in live(desk, aino)}  # type: ignore[attr-defined]


def test_links_are_not_sent_without_end(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    answers = [desk.press(aino, "link").status_code for _ in range(4)]
    page = desk.press(aino, "link")

    assert 429 in answers
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert "Odota" in look.notices(page)[0]


def test_sending_a_link_leaves_its_record(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.press(aino, "link")

    (record,) = deeds(desk, "password.link.requested")
    assert (record.actor_kind, record.actor_id) == ("person", desk.pirkko.id)
    assert (record.organization_id, record.target_id) == (desk.organization_id, aino.id)


def test_a_link_that_may_not_be_sent_is_refused_with_the_reason(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.provider.change(Membership, (aino.id, desk.organization_id), locked_at=utcnow())
    page = desk.post(desk.path(aino, "link"))

    assert page.status_code == 403
    assert look.notices(page) == ["Henkilö on lukittu tässä organisaatiossa. Avaa ensin lukitus."]
    assert desk.links_of(aino) == []


def test_m10_an_sso_person_is_never_sent_a_password_link(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    operator = desk.signed_in(desk.operator())
    desk.use_sso(aino)
    desk.browser = operator
    page = desk.post(desk.path(aino, "link"))

    assert page.status_code == 403
    assert desk.links_of(aino) == []


def test_a_lock_shuts_the_person_out_of_this_organization_and_no_other(desk: Desk) -> None:
    jaana = desk.shared(roles=("main_user",))
    browser = desk.signed_in(jaana)
    assert browser.open(CONSOLE).status_code == 200
    page = desk.press(jaana, "lock")

    assert look.notices(page) == ["Henkilö on lukittu tässä organisaatiossa."]
    assert browser.open(CONSOLE).status_code == 404
    assert "Lehtola" in look.text(browser.open("/account"))


def test_a_lock_can_be_opened(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    desk.press(aino, "lock")
    page = desk.press(aino, "unlock")

    assert look.notices(page) == ["Lukitus on avattu."]
    member = desk.membership(aino)
    assert member
    assert member.locked_at is None
    assert [each.actor_id for each in deeds(desk, "membership.unlocked")] == [desk.pirkko.id]


def test_nobody_locks_themself_out(desk: Desk) -> None:
    desk.person("paula@example.fi", roles=("main_user",))
    page = desk.post(desk.path(desk.pirkko, "lock"))

    assert page.status_code == 403
    assert "Et voi lukita itseäsi." in look.notices(page)[0]


@pytest.mark.parametrize("deed", ["lock", "remove"])
def test_the_last_main_user_stays_even_if_the_operator_acts(desk: Desk, deed: str) -> None:
    desk.browser = desk.signed_in(desk.operator())
    page = desk.post(desk.path(desk.pirkko, deed))

    assert page.status_code == 403
    assert look.notices(page)[0].startswith("Henkilö on organisaation ainoa pääkäyttäjä.")
    assert desk.membership(desk.pirkko)


def test_ending_sessions_asks_once_more_and_signs_the_person_out_everywhere(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    browsers = [desk.signed_in(aino), desk.signed_in(aino)]
    page = desk.look_at(aino)
    assert "kirjautuneena 2 selaimessa" in look.text(page)
    question = desk.browser.open(desk.path(aino, "sessions"))
    assert browsers[0].open("/account").url.path == "/account"
    page = desk.browser.submit(question)

    assert look.notices(page) == ["Istunnot on päätetty."]
    assert {each.open("/account").url.path for each in browsers} == {"/login"}
    assert "ei ole nyt kirjautuneena" in look.text(page)


def test_the_sessions_of_somebody_who_belongs_elsewhere_too_are_not_ours_to_end(
    desk: Desk,
) -> None:
    jaana = desk.shared()
    browser = desk.signed_in(jaana)

    for answer in (
        desk.browser.open(desk.path(jaana, "sessions")),
        desk.post(desk.path(jaana, "sessions")),
    ):
        assert answer.status_code == 403
        assert look.heading(answer) == "Henkilö kuuluu myös toiseen organisaatioon"
    assert browser.open("/account").url.path == "/account"


def test_removing_asks_once_more_and_keeps_the_account(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    question = desk.browser.open(desk.path(aino, "remove"))
    assert look.heading(question) == "Poistetaanko henkilö organisaatiosta?"
    assert desk.membership(aino)
    page = desk.browser.submit(question)

    assert page.url.path == CONSOLE
    assert look.notices(page) == ["Aino Virtanen on poistettu organisaatiosta."]
    assert desk.membership(aino) is None
    assert desk.by_username("aino@example.fi")
    assert desk.look_at(aino).status_code == 404


def test_m6_somebody_who_was_removed_can_be_added_again_with_the_same_username(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    desk.browser.submit(desk.browser.open(desk.path(aino, "remove")))
    page = desk.browser.submit(
        desk.open("/people/new"), email="aino@example.fi", given_name="Aino", family_name="Virtanen"
    )

    assert page.url.path == desk.path(aino)
    assert desk.signed_in(aino).open("/account").url.path == "/account"


def test_a_main_user_who_removes_themself_lands_on_their_own_page(desk: Desk) -> None:
    desk.person("paula@example.fi", roles=("main_user",))
    question = desk.browser.open(desk.path(desk.pirkko, "remove"))
    assert "olet poistamassa itseäsi" in look.text(question)
    page = desk.browser.submit(question)

    assert page.url.path == "/account"
    assert desk.open().status_code == 404


def test_what_was_done_twice_is_done_once(desk: Desk) -> None:
    aino = desk.person("aino@example.fi")
    for _ in range(2):
        desk.post(desk.path(aino, "lock"))

    assert len(deeds(desk, "membership.locked")) == 1
    assert desk.provider.load(aino.id).locked_at is None
    with desk.provider.database.reading() as tx:
        assert tx.session.get_one(Person, aino.id).memberships[0].locked_at
