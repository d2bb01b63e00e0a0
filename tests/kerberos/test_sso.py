"""M9, M10 by Kerberos (RFC 4559): a real KDC; no page where there is a ticket."""

import base64
import sys

import pytest

from idp.authentication.federation.kerberos.acceptor import library
from idp.cli.doctor.kerberos import check_kerberos
from tests.federated import is_at_portal
from tests.kerberos.kdc import KRB5, Kdc
from tests.kerberos.organization import SERVICE, Kerberized
from tests.provider import Provider


def test_the_sso_link_leads_to_the_portal_with_the_ticket_of_the_computer(
    kuusela: Kerberized,
) -> None:
    answer = kuusela.arrive(kuusela.provider.browser())
    assert is_at_portal(answer, "kuusela"), answer.text
    assert kuusela.people() == [("aino.kuusela@KUUSELA.EXAMPLE", "aino.kuusela@kuusela.example")]
    assert kuusela.reason() == "ok"


def test_a_second_arrival_is_the_same_person(kuusela: Kerberized) -> None:
    for _ in range(2):
        assert is_at_portal(kuusela.arrive(kuusela.provider.browser()), "kuusela")
    assert len(kuusela.people()) == 1


def test_the_browser_is_asked_by_the_scheme_alone_and_people_by_a_page(kuusela: Kerberized) -> None:
    page = kuusela.asked(kuusela.provider.browser())
    assert page.headers["WWW-Authenticate"] == "Negotiate"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count("<h1") == 1
    assert "password" not in page.text


def test_we_prove_ourselves_to_the_browser(kuusela: Kerberized) -> None:
    """RFC 4559 section 4.1, RFC 4178 section 4.2.2: an accept-completed with the AP-REP in it."""
    browser = kuusela.provider.browser()
    page = kuusela.asked(browser)
    client = kuusela.kdc.context(SERVICE, kuusela.ticket)
    answer = kuusela.answer(browser, page, bytes(client.step() or b""))
    scheme, _, reply = answer.headers["WWW-Authenticate"].partition(" ")
    assert scheme == "Negotiate"
    client.step(base64.b64decode(reply))
    assert client.complete


def test_a_browser_without_a_ticket_gets_a_reference_and_may_try_again(
    kuusela: Kerberized,
) -> None:
    browser = kuusela.provider.browser()
    page = kuusela.asked(browser)
    stuck = browser.get(f"{page.url}&stuck=1")
    assert stuck.status_code == 403
    assert "WWW-Authenticate" not in stuck.headers
    assert "data-reference" in stuck.text
    assert kuusela.reason() == "kerberos_not_offered"
    assert is_at_portal(kuusela.answer(browser, browser.open(f"{kuusela.path}?again=1")), "kuusela")


def test_no_other_path_asks_for_a_ticket(kuusela: Kerberized) -> None:
    browser = kuusela.provider.browser()
    header = {"Authorization": "Negotiate AAAA"}
    for path in ("/", "/login", "/sso/kuusela", kuusela.path, f"{kuusela.path}/callback"):
        assert "WWW-Authenticate" not in browser.get(path, headers=header).headers, path


def test_who_was_added_first_keeps_the_profile_that_no_ticket_knows(
    provider: Provider, kdc: Kdc
) -> None:
    """M12, users-ask row 5: what is absent never deletes."""
    provider.register()
    kuusela = Kerberized(provider, kdc, mapping={})
    provider.change(type(kuusela.organization), kuusela.organization.id, uses_sso=False)
    provider.person("aino.kuusela@kuusela.example", password=None, given_name="Aino")
    provider.change(type(kuusela.organization), kuusela.organization.id, uses_sso=True)
    assert is_at_portal(kuusela.arrive(provider.browser()), "kuusela")
    (_, username) = kuusela.people()[0]
    assert username == "aino.kuusela@kuusela.example"


def test_without_names_nobody_new_comes_in(provider: Provider, kdc: Kdc) -> None:
    provider.register()
    kuusela = Kerberized(provider, kdc, mapping={})
    assert kuusela.arrive(provider.browser()).status_code == 403
    assert kuusela.reason() == "attribute_missing"


def test_a_server_without_the_library_says_so(
    kuusela: Kerberized, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    library.cache_clear()
    try:
        assert kuusela.provider.browser().open("/sso/kuusela").status_code == 403
        assert kuusela.reason() == "kerberos_unavailable"
    finally:
        library.cache_clear()


def test_a_raw_kerberos_token_is_not_what_negotiate_carries(kuusela: Kerberized) -> None:
    raw = kuusela.kdc.token(SERVICE, kuusela.ticket, mechanism=KRB5)
    assert kuusela.arrive(kuusela.provider.browser(), raw).status_code == 403
    assert kuusela.reason() == "kerberos_unreadable"


def test_the_doctor_looks_for_the_library_where_a_connection_needs_it(
    provider: Provider, kdc: Kdc, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(check_kerberos(provider.database)) == []
    Kerberized(provider, kdc)
    assert [each.severity for each in check_kerberos(provider.database)] == ["ok"]
    monkeypatch.setitem(sys.modules, "gssapi", None)
    library.cache_clear()
    try:
        (finding,) = check_kerberos(provider.database)
    finally:
        library.cache_clear()
    assert (finding.severity, bool(finding.cure)) == ("error", True)
