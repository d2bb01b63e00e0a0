"""Issue 4.5, users-ask row 14: a setup link opens these pages only, in one browser, for a day."""

import re
from datetime import timedelta

from sqlalchemy import select

from idp.audit import AuditRecord
from idp.authentication.federation.passes_models import Pass
from idp.foundation.clock import shifted
from idp.foundation.outbox_models import OutboxItem
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import CONSOLE, press
from tests.provider import TestBrowser, forms

ADDRESS = "konsultti@example.com"


def send(desk: ItDesk) -> str:
    """Have the main user send a link; its path."""
    page = desk.open("/connection")
    number = [form.action for form in forms(page)].index(f"{SSO}/setup")
    desk.browser.submit(page, number, email=ADDRESS)
    body = desk.provider.mails(ADDRESS)[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"https://id\.example\.fi(/setup/\S+)", body.get_content())
    assert found
    return found[1]


def taken_up(desk: ItDesk, path: str) -> TestBrowser:
    browser = desk.provider.browser()
    browser.submit(browser.open(path))
    return browser


def test_whoever_opens_the_link_sets_single_sign_on_up_without_an_account(desk: ItDesk) -> None:
    path = send(desk)
    browser = desk.provider.browser()
    first = browser.open(path)
    assert "Kuusela" in look.text(first)
    page = browser.submit(first)
    assert page.url.path == SSO
    made = browser.submit(
        browser.open(f"{SSO}/new/keycloak"),
        issuer="https://kc.kuusela.example/realms/kuusela",
        client_id="laatuportti",
        client_secret="xyz",
    )
    assert made.url.path == f"{SSO}/keycloak"
    assert "asennuslinkin käyttäjä" in look.text(browser.open(f"{SSO}/keycloak/versions"))


def test_the_link_opens_nothing_else(desk: ItDesk) -> None:
    desk.lehtola()
    browser = taken_up(desk, send(desk))
    for path in (CONSOLE, f"{CONSOLE}/people/new", "/account", "/operations"):
        assert browser.get(path).status_code == 303, path
    lehtola = browser.get("/organization/lehtola/connection")
    nowhere = browser.get("/organization/nowhere/connection")
    assert lehtola.status_code == nowhere.status_code == 303
    page = browser.open(SSO)
    assert "Asennuslinkki" not in look.text(page)
    assert "Luo syöte" not in look.text(browser.open(f"{SSO}/calendar"))


def test_looking_binds_nothing_and_the_first_browser_that_begins_keeps_it(desk: ItDesk) -> None:
    path = send(desk)
    scanner, mine, other = (desk.provider.browser() for _ in range(3))
    assert scanner.get(path).status_code == scanner.head(path).status_code == 200
    page = other.open(path)
    assert mine.submit(mine.open(path)).url.path == SSO
    assert other.submit(page).status_code == 410
    assert other.get(SSO).status_code == 303
    assert mine.submit(mine.open(path)).url.path == SSO


def test_it_ends_after_a_day_and_when_it_is_revoked(desk: ItDesk) -> None:
    path = send(desk)
    browser = taken_up(desk, path)
    with shifted(timedelta(hours=23, minutes=59)):
        assert browser.get(SSO).status_code == 200
    with shifted(timedelta(hours=24, seconds=1)):
        assert browser.get(SSO).status_code == 303
        assert desk.provider.browser().get(path).status_code == 410
    page = desk.open("/connection")
    action = next(form.action for form in forms(page) if "/setup/" in form.action)
    press(desk.browser, page, action)
    assert browser.get(SSO).status_code == 303
    assert desk.provider.browser().get(path).status_code == 410


def test_only_who_sees_the_people_lets_others_in(desk: ItDesk) -> None:
    assert "Asennuslinkki" not in look.text(desk.look())
    page = desk.open("/connection")
    number = [form.action for form in forms(page)].index(f"{SSO}/setup")
    fields = forms(desk.look("/new/oidc"))[0].fields
    answer = desk.it.post(forms(page)[number].action, data={**fields, "email": ADDRESS})
    assert answer.status_code == 404
    assert desk.provider.mails(ADDRESS) == []


def test_the_token_lies_nowhere_and_every_step_is_in_the_log(desk: ItDesk) -> None:
    path = send(desk)
    taken_up(desk, path)
    secret = path.rpartition(".")[2]
    with desk.provider.database.reading() as tx:
        rows = [vars(row) for row in tx.session.scalars(select(Pass))]
        items = [item.payload for item in tx.session.scalars(select(OutboxItem))]
        records = tx.session.scalars(select(AuditRecord)).all()
    assert secret not in repr((rows, items, [record.detail for record in records]))
    events = [record.event for record in records]
    assert "pass.issued" in events
    assert "pass.taken_up" in events
