"""'Istunnot ja laitteet': where one is signed in, and ending it from here."""

import pytest

from idp.audit import Event, read
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import Account, Provider, TestBrowser

SESSIONS = "/account/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def maija(provider: Provider) -> Account:
    provider.organization()
    return provider.person()


def at(provider: Provider, account: Account, user_agent: str = FIREFOX) -> TestBrowser:
    """The person, signed in at a browser of this kind."""
    return signed_in(provider, account, **{"User-Agent": user_agent})


def is_signed_in(browser: TestBrowser) -> bool:
    return browser.get("/account").status_code == 200


def test_every_browser_is_listed_in_words_this_one_first(
    provider: Provider, maija: Account
) -> None:
    at(provider, maija, SAFARI)
    browser = at(provider, maija)
    at(provider, maija, "curl/8")

    page = browser.open(SESSIONS)

    rows = [look.plain(row) for row in page.text.split("<tr>")[2:]]
    assert rows[0].startswith("Firefox, Linux Tämä selain")
    assert any(row.startswith("Safari, iPhone") for row in rows)
    assert any(row.startswith("Tuntematon laite") for row in rows)
    assert all("127.0.0.1" in row and "klo" in row for row in rows)


def test_another_session_can_be_ended_from_here(provider: Provider, maija: Account) -> None:
    other = at(provider, maija, SAFARI)
    third = at(provider, maija, SAFARI)
    browser = at(provider, maija)

    page = browser.submit(browser.open(SESSIONS), 1)

    assert look.notices(page) == ["Istunto on päätetty."]
    assert is_signed_in(browser)
    assert [is_signed_in(other), is_signed_in(third)].count(False) == 1
    with provider.database.reading() as tx:
        (deed,) = read(tx, organization_id=None, events=[Event.SESSION_ENDED])
    assert deed.detail["why"] == "ended_by_person"


def test_all_other_sessions_can_be_ended_at_once(provider: Provider, maija: Account) -> None:
    others = [at(provider, maija, SAFARI) for _ in range(2)]
    browser = at(provider, maija)

    page = browser.submit(browser.open(SESSIONS))

    assert look.notices(page) == ["2 istuntoa on päätetty."]
    assert not any(is_signed_in(other) for other in others)
    assert is_signed_in(browser)
    assert "Päätä muut" not in look.text(page)


def test_this_browsers_own_session_does_not_end_here(provider: Provider, maija: Account) -> None:
    at(provider, maija, SAFARI)
    browser = at(provider, maija)
    with provider.database.reading() as tx:
        (newest, _) = read(tx, organization_id=None, events=[Event.SIGNED_IN])

    page = browser.submit(browser.open(SESSIONS), 1, session=str(newest.detail["session"]))

    assert look.notices(page) == ["Istunto oli jo päättynyt."]
    assert is_signed_in(browser)


def test_nobody_ends_the_session_of_another_person(provider: Provider, maija: Account) -> None:
    paula = provider.person("paula@example.fi")
    victim = at(provider, paula)
    at(provider, maija, SAFARI)
    browser = at(provider, maija)
    with provider.database.reading() as tx:
        (theirs,) = read(tx, organization_id=None, target_id=paula.id, events=[Event.SIGNED_IN])

    browser.submit(browser.open(SESSIONS), 1, session=str(theirs.detail["session"]))

    assert is_signed_in(victim)


def test_an_ended_session_is_in_the_list_no_more(provider: Provider, maija: Account) -> None:
    at(provider, maija, SAFARI)
    browser = at(provider, maija)

    page = browser.submit(browser.open(SESSIONS))

    assert "Safari" not in look.text(page)


def test_a_user_agent_made_of_markup_is_shown_as_nothing_of_the_kind(
    provider: Provider, maija: Account
) -> None:
    browser = at(provider, maija, "<script>alert(1)</script>")

    assert "alert(1)" not in browser.open(SESSIONS).text
