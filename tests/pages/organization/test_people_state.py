"""Who of many has made a password, and what became of the mails about it: one query for all."""

from datetime import timedelta

from sqlalchemy import event

from idp.authentication.models import Link
from idp.authentication.people_filter import Progress, page_of
from idp.authentication.people_state import Fate, MailedLink, PasswordState, password_states
from idp.foundation.clock import shifted
from idp.foundation.outbox_models import OutboxItem
from tests.pages.organization.desk import Desk
from tests.provider import Account


def states(desk: Desk, *accounts: Account, most: int = 1) -> list[PasswordState]:
    """How each of them stands."""
    with desk.provider.database.reading() as tx:
        ids = [account.id for account in accounts]
        found = password_states(tx, desk.organization_id, ids, most=most)
    return [found[person_id] for person_id in ids]


def latest(desk: Desk, account: Account) -> MailedLink:
    """The link sent to them last."""
    link = states(desk, account)[0].latest
    assert link
    return link


def test_everybody_asked_for_has_a_state(desk: Desk) -> None:
    waiting = desk.person("aino@example.fi", password=None)
    before, nothing = states(desk, desk.pirkko, waiting)

    assert before.password_set_at is not None
    assert nothing == PasswordState(password_set_at=None, links=())


def test_nobody_is_asked_for_and_nobody_answered(desk: Desk) -> None:
    assert states(desk) == []


def test_one_query_answers_for_a_whole_page(desk: Desk) -> None:
    people = [desk.person(f"p{each}@example.fi", password=None) for each in range(5)]
    for person in people:
        desk.send_link(person)
    asked: list[str] = []
    engine = desk.provider.database.engine

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    organization_id = desk.organization_id
    asked.clear()
    with desk.provider.database.reading() as tx:
        password_states(tx, organization_id, [person.id for person in people])
    event.remove(engine, "before_cursor_execute", note)

    assert len(asked) == 1


def test_only_so_many_links_are_told_the_newest_first(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    made = []
    for hours in (1, 2, 3):
        with shifted(timedelta(hours=hours)):
            made.append(desk.send_link(aino))
    (two,) = states(desk, aino, most=2)

    assert len(two.links) == 2
    assert [link.at[Fate.QUEUED] for link in two.links] == sorted(
        (link.at[Fate.QUEUED] for link in two.links), reverse=True
    )
    assert latest(desk, aino) == two.links[0]


def test_the_steps_of_a_link_have_their_moments(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    assert set(latest(desk, aino).at) == {Fate.QUEUED}
    desk.mail_became("sent")
    assert set(latest(desk, aino).at) == {Fate.QUEUED, Fate.SENT}
    (link,) = desk.links_of(aino)
    with desk.provider.database.transaction() as tx:
        desk.provider.deployment.links.opened(tx, link)
    assert set(latest(desk, aino).at) == {Fate.QUEUED, Fate.SENT, Fate.OPENED}


def test_a_bounce_outlives_the_links_expiry(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.mail_became("bounced", "550 No")
    with shifted(timedelta(hours=13)):
        link = latest(desk, aino)

    assert (link.fate, link.problem, link.is_live) == (Fate.BOUNCED, "550 No", False)


def test_a_password_made_with_one_link_settles_its_siblings(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    path = desk.provider.mailed_link("aino@example.fi")
    with shifted(timedelta(seconds=2)):
        desk.send_link(aino)
        desk.mail_became("bounced", "550 No")
    browser = desk.provider.browser()
    with shifted(timedelta(seconds=4)):
        browser.submit(browser.open(path), password="viisi keltaista kanariaa")
    (state,) = states(desk, aino, most=3)

    assert [link.fate for link in state.links] == [Fate.ACTIVATED, Fate.ACTIVATED]


def test_a_link_that_support_had_shown_was_never_mailed(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    with desk.provider.database.transaction() as tx:
        tx.session.query(OutboxItem).delete()

    assert states(desk, aino)[0].latest is None


def test_what_became_of_a_mail_long_ago_is_still_known_by_its_link(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    with desk.provider.database.transaction() as tx:
        tx.session.query(OutboxItem).delete()
    with shifted(timedelta(days=40)):
        assert latest(desk, aino).fate == Fate.EXPIRED


def test_another_organizations_links_and_other_purposes_are_not_seen(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    foreign, other = desk.send_link(aino), desk.send_link(aino)
    desk.provider.change(Link, foreign, organization_id=desk.lehtola())
    desk.provider.change(Link, other, purpose="email")

    assert states(desk, aino)[0].links == ()


def test_a_bounce_counts_until_a_later_mail_arrives(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)

    def bounced() -> int:
        with desk.provider.database.reading() as tx:
            return page_of(tx, desk.organization_id, Progress.BOUNCED).total

    desk.send_link(aino)
    assert bounced() == 0
    desk.mail_became("bounced", "550 No")
    assert bounced() == 1
    with shifted(timedelta(seconds=2)):
        desk.send_link(aino, ours=False)
        assert bounced() == 0
        desk.mail_became("sent")
        assert bounced() == 0


def test_a_bounce_of_another_organizations_mail_is_not_seen(desk: Desk) -> None:
    aino = desk.person("aino@example.fi", password=None)
    desk.send_link(aino)
    desk.mail_became("bounced", "550 No")
    elsewhere = desk.lehtola()
    with desk.provider.database.transaction() as tx:
        tx.session.query(OutboxItem).one().organization_id = elsewhere

    with desk.provider.database.reading() as tx:
        assert page_of(tx, desk.organization_id, Progress.BOUNCED).people == ()
