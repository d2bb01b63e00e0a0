"""The first password and a forgotten one come by the same mailed link (M4, M5, M8)."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from idp.authentication.models import Credential, Link
from idp.directory import persons
from idp.directory.models import Membership, Organization, Person
from idp.foundation.clock import shifted
from tests.provider import PORTAL, Account, Provider
from tests.relying_party import RelyingParty

NEW = "neljä vihreää sammakkoa"
MAIJA = "maija@example.fi"


def order(provider: Provider, username: str = MAIJA) -> httpx.Response:
    """Order a link as a person does."""
    browser = provider.browser()
    return browser.submit(browser.open("/password/forgotten"), username=username)


@pytest.fixture
def newcomer(provider: Provider) -> Provider:
    """A provider with the portal and Maija, who has no password yet."""
    provider.organization()
    provider.register()
    provider.person(MAIJA, password=None)
    return provider


def test_m4_the_first_password_is_made_through_unohditko_salasanasi(party: RelyingParty) -> None:
    provider = party.provider
    account = provider.person(MAIJA, password=None)
    order(provider)
    browser = provider.browser()
    form = browser.open(provider.mailed_link(MAIJA))
    assert form.url.path == "/link"
    assert 'autocomplete="new-password"' in form.text
    answer = browser.submit(form, password=NEW)
    assert answer.headers["Location"].startswith(f"{PORTAL}/login?")
    assert "code" in party.answer(party.authorize(browser))
    assert party.code(provider.browser(), replace(account, password=NEW))


def test_m5_the_link_works_at_11_h_59_min(newcomer: Provider) -> None:
    order(newcomer)
    link = newcomer.mailed_link(MAIJA)
    browser = newcomer.browser()
    with shifted(timedelta(hours=11, minutes=59)):
        answer = browser.submit(browser.open(link), password=NEW)
    assert answer.is_redirect


def test_m5_the_link_does_not_work_at_12_h_00_min_01_s_and_a_new_one_is_offered(
    newcomer: Provider,
) -> None:
    order(newcomer)
    link = newcomer.mailed_link(MAIJA)
    browser = newcomer.browser()
    with shifted(timedelta(hours=12, seconds=1)):
        page = browser.open(link)
        assert page.status_code == 410
        assert "vanhentunut" in page.text
        answer = browser.submit(page)
        assert answer.status_code == 200
        fresh = newcomer.mailed_link(MAIJA)
        assert fresh != link
        assert browser.submit(browser.open(fresh), password=NEW).is_redirect


def test_m5_the_twelve_hours_count_from_the_request_not_from_the_mail(newcomer: Provider) -> None:
    order(newcomer)
    with shifted(timedelta(hours=2)):
        link = newcomer.mailed_link(MAIJA)
    with shifted(timedelta(hours=12, seconds=1)):
        assert newcomer.browser().open(link).status_code == 410


def test_m5_opening_the_link_never_uses_it_up(newcomer: Provider) -> None:
    order(newcomer)
    link = newcomer.mailed_link(MAIJA)
    for _ in range(5):
        scanner = newcomer.browser()
        assert scanner.open(link).status_code == 200
        scanner.head(link)
    browser = newcomer.browser()
    assert browser.submit(browser.open(link), password=NEW).is_redirect


def test_a_used_link_says_that_all_is_well(newcomer: Provider) -> None:
    order(newcomer)
    link = newcomer.mailed_link(MAIJA)
    browser = newcomer.browser()
    browser.submit(browser.open(link), password=NEW)
    page = newcomer.browser().open(link)
    assert page.status_code == 200
    assert "Kaikki on valmista" in page.text


def test_the_first_success_kills_the_sibling_links(newcomer: Provider) -> None:
    order(newcomer)
    older = newcomer.mailed_link(MAIJA)
    order(newcomer)
    newer = newcomer.mailed_link(MAIJA)
    assert older != newer
    browser = newcomer.browser()
    assert browser.submit(browser.open(older), password=NEW).is_redirect
    assert newcomer.browser().open(newer).status_code == 410


def test_a_form_opened_before_the_link_died_sets_no_password(newcomer: Provider) -> None:
    order(newcomer)
    link = newcomer.mailed_link(MAIJA)
    first, second = newcomer.browser(), newcomer.browser()
    early = first.open(link)
    second.submit(second.open(link), password=NEW)
    late = first.submit(early, password="viisi keltaista kanaria")
    assert "Kaikki on valmista" in late.text
    maija = Account(id="", username=MAIJA, password=NEW)
    assert newcomer.browser().sign_in(maija).is_redirect


def test_m8_the_answer_is_the_same_whether_or_not_the_account_exists(newcomer: Provider) -> None:
    known, unknown = order(newcomer), order(newcomer, "nobody@example.fi")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(MAIJA, "") == unknown.text.replace("nobody@example.fi", "")
    assert [str(mail["To"]) for mail in newcomer.mails()] != []
    assert newcomer.mails("nobody@example.fi") == []


def test_the_link_goes_to_the_stored_address_only(newcomer: Provider) -> None:
    newcomer.change(Person, newcomer_id(newcomer), email="stored@example.fi")
    order(newcomer)
    assert [str(mail["To"]) for mail in newcomer.mails()] == ["stored@example.fi"]


def newcomer_id(provider: Provider) -> str:
    """Maija's id."""
    with provider.database.reading() as tx:
        person = persons.by_username(tx, MAIJA)
        assert person
        return person.id


def test_a_weak_password_is_refused_with_the_reason_and_the_link_lives(newcomer: Provider) -> None:
    order(newcomer)
    browser = newcomer.browser()
    form = browser.open(newcomer.mailed_link(MAIJA))
    short = browser.submit(form, password="lyhyt")
    assert short.status_code == 422
    assert "15" in short.text
    assert browser.submit(form, password=NEW).is_redirect


def test_resetting_ends_other_sessions_and_refresh_tokens(party: RelyingParty) -> None:
    provider = party.provider
    account = provider.person()
    old_browser = provider.browser()
    tokens = party.tokens(old_browser, account)
    order(provider)
    browser = provider.browser()
    browser.submit(browser.open(provider.mailed_link(MAIJA)), password=NEW)
    assert party.authorize(old_browser).url.path == "/login"
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_the_person_is_told_by_mail_that_the_password_changed(newcomer: Provider) -> None:
    order(newcomer)
    browser = newcomer.browser()
    browser.submit(browser.open(newcomer.mailed_link(MAIJA)), password=NEW)
    subjects = [str(mail["Subject"]) for mail in newcomer.mails(MAIJA)]
    assert len(subjects) == 2


def test_m10_an_sso_person_is_mailed_the_sso_link_and_no_password(newcomer: Provider) -> None:
    person_id = newcomer_id(newcomer)
    with newcomer.database.transaction() as tx:
        membership = tx.session.get_one(Person, person_id).memberships[0]
        membership.source = "Kuusela Entra"
        organization = tx.session.get_one(Organization, membership.organization_id)
        organization.uses_sso = True
        assert isinstance(membership, Membership)
    order(newcomer)
    (mail,) = newcomer.mails(MAIJA)
    body = mail.get_body(("plain",))
    assert body
    assert "/sso/kuusela" in body.get_content()
    assert "/link/" not in body.get_content()
    with newcomer.database.reading() as tx:
        assert tx.session.query(Link).count() == 0
        assert tx.session.query(Credential).count() == 0


def test_only_a_digest_of_the_link_is_at_rest(newcomer: Provider) -> None:
    order(newcomer)
    token = newcomer.mailed_link(MAIJA).removeprefix("/link/")
    secret = token.partition(".")[2]
    with newcomer.database.reading() as tx:
        for table in Link.metadata.sorted_tables:
            for row in tx.session.execute(table.select()):
                assert secret not in repr(row)


def test_mails_come_in_text_and_html_in_the_persons_language(newcomer: Provider) -> None:
    newcomer.change(Person, newcomer_id(newcomer), locale="sv")
    order(newcomer)
    (mail,) = newcomer.mails(MAIJA)
    assert mail.get_body(("plain",)) is not None
    html = mail.get_body(("html",))
    assert html is not None
    assert 'lang="sv"' in html.get_content()
