"""The organization's IT sees a Kerberos connection as any other; making it is the operator's."""

import pytest

from tests.kerberos.kdc import Kdc
from tests.kerberos.organization import Kerberized
from tests.pages.connection.desk import SSO
from tests.provider import Provider, TestBrowser


@pytest.fixture
def it(provider: Provider, kuusela: Kerberized) -> TestBrowser:
    provider.change(type(kuusela.organization), kuusela.organization.id, uses_sso=False)
    ilmari = provider.person("ilmari@example.fi", roles=("it_admin",))
    browser = provider.browser()
    browser.sign_in(ilmari)
    return browser


@pytest.mark.parametrize("path", ["", "/verkko", "/verkko/mapping", "/verkko/test"])
def test_its_pages_open(it: TestBrowser, path: str) -> None:
    page = it.open(f"{SSO}{path}")
    assert page.status_code == 200, (path, page.text)


def test_a_test_shows_what_a_ticket_says_and_writes_nothing(
    it: TestBrowser, kuusela: Kerberized
) -> None:
    asked = it.submit(it.open(f"{SSO}/verkko/test"))
    assert asked.status_code == 401
    shown = it.follow(kuusela.answer(it, asked))
    assert shown.status_code == 200
    assert "upn" in shown.text
    assert kuusela.people() == []


def test_its_form_is_not_offered(it: TestBrowser, kdc: Kdc) -> None:
    assert it.open(f"{SSO}/verkko/edit").status_code == 404
    assert it.open(f"{SSO}/new/kerberos").status_code == 404
