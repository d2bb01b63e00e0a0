"""Every error ends in a page that helps: what happened, what to do, whom to tell what (M16)."""

import logging
from typing import Any

import httpx
import pytest

from idp.audit import AuditRecord, read
from idp.directory import organizations
from idp.errors import Unavailable
from idp.foundation.web.front import REMOTE
from tests.pages import look
from tests.pages.visitor import signed_in
from tests.provider import ISSUER, Provider


@pytest.fixture(autouse=True)
def _organization(provider: Provider) -> None:
    provider.organization()


def stranger(provider: Provider, address: str) -> httpx.Client:
    """Somebody without cookies, at an address that no other test comes from."""
    transport = httpx.WSGITransport(app=provider.app, remote_addr=address)
    return httpx.Client(transport=transport, base_url=ISSUER, headers={"Accept-Language": "fi"})


def recorded(provider: Provider, reference: str) -> list[AuditRecord]:
    with provider.database.reading() as tx:
        return read(tx, organization_id=None, reference=reference)


def fail(*_: object, **__: object) -> Any:
    raise RuntimeError("the secret of the failure")


def test_m16_a_wrong_address_says_so_and_leads_on(provider: Provider) -> None:
    page = provider.browser().get("/no/such/page")

    assert page.status_code == 404
    assert look.heading(page) == "Sivua ei löydy"
    assert look.reference(page)
    assert look.links(page)[0] == "/login"


def test_m16_the_main_user_finds_the_reference_in_the_organizations_log(
    provider: Provider,
) -> None:
    maija = provider.person()
    page = signed_in(provider, maija).get("/no/such/page?token=of-something")

    (found,) = recorded(provider, look.reference(page))

    assert found.event == "problem.shown"
    assert found.target_id == maija.id
    with provider.database.reading() as tx:
        assert found.organization_id == organizations.by_slug(tx, "kuusela").id
    assert found.detail["tried"] == "GET /no/such/page"
    assert "of-something" not in str(found.detail)


def test_m16_what_was_tried_and_when_is_ready_to_be_copied(provider: Provider) -> None:
    page = provider.browser().get("/no/such/page?token=of-something")

    block = page.text.partition("data-copy ")[2].partition("</div>\n</div>")[0]

    assert "GET /no/such/page<" in page.text
    assert "<time datetime=" in page.text
    assert block
    assert page.text.count("of-something") == len(look_languages(page))


def look_languages(page: httpx.Response) -> list[str]:
    """The links to this same page in other languages: they alone repeat its query."""
    return [href for href in page.text.split('"') if href.startswith("?token=of-something")]


def test_a_mailed_links_token_is_in_no_page_and_no_record(provider: Provider) -> None:
    page = signed_in(provider, provider.person()).get("/link/the-token/and-more")

    (found,) = recorded(provider, look.reference(page))

    assert "the-token" not in page.text
    assert "the-token" not in str(found.detail)


def test_strangers_wrong_addresses_are_not_kept(provider: Provider) -> None:
    page = provider.browser().get("/wp-login.php")

    assert recorded(provider, look.reference(page)) == []


def test_a_strangers_unanswerable_request_is_kept_up_to_a_bound(provider: Provider) -> None:
    with stranger(provider, "198.51.100.7") as client:
        pages = [client.get("/authorize?client_id=unknown") for _ in range(65)]

    kept = [page for page in pages if recorded(provider, look.reference(page))]

    assert {page.status_code for page in pages} == {400}
    assert len(kept) == 60


def test_a_persons_flood_of_wrong_addresses_is_kept_up_to_a_bound(provider: Provider) -> None:
    browser = signed_in(provider, provider.person())

    pages = [browser.get(f"/no/{number}") for number in range(65)]

    assert len([page for page in pages if recorded(provider, look.reference(page))]) == 60


def test_what_nobody_foresaw_is_a_page_without_a_word_of_the_failure(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = signed_in(provider, provider.person())
    monkeypatch.setitem(provider.app.view_functions, "account", fail)

    with caplog.at_level(logging.ERROR):
        page = browser.get("/account")

    assert page.status_code == 500
    assert look.heading(page) == "Jokin meni vikaan"
    assert "secret of the failure" not in page.text
    assert "Traceback" not in page.text
    assert look.reference(page) in caplog.text
    assert "the secret of the failure" in caplog.text
    assert recorded(provider, look.reference(page))


def test_without_the_database_the_page_still_says_what_to_do(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(provider, provider.person())
    driver: Any = provider.database.engine.dialect.dbapi

    def away() -> Any:
        raise driver.OperationalError("gone")

    provider.database.close()
    monkeypatch.setattr(provider.database.engine, "raw_connection", away)
    page = browser.get("/account")

    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) >= 1
    assert look.heading(page) == "Palvelu ei juuri nyt vastaa"
    assert look.reference(page)
    assert look.links(page)[:2] == ["", "/login"]


def test_a_failure_while_finding_out_who_is_there_is_a_page_too(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(provider, provider.person())
    monkeypatch.setattr(provider.database, "reading", fail)

    page = browser.get("/account")

    assert page.status_code == 500
    assert look.reference(page)


def test_a_database_that_can_only_be_read_keeps_nobody_from_the_page(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(provider, provider.person())

    def full() -> Any:
        raise Unavailable

    monkeypatch.setattr(provider.database, "transaction", full)
    page = browser.get("/no/such/page")

    assert page.status_code == 404
    assert recorded(provider, look.reference(page)) == []


def test_a_portal_that_cannot_be_looked_up_leaves_the_sign_in_page(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise Unavailable

    monkeypatch.setattr(provider.deployment.clients, "portal", away)

    assert look.links(provider.browser().get("/no/such/page"))[0] == "/login"


def test_too_many_tries_say_when_to_come_back(provider: Provider) -> None:
    browser = provider.browser()
    for _ in range(4):
        page = browser.submit(browser.open("/password/forgotten"), username="joku@example.fi")

    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert look.heading(page) == "Liian monta yritystä"
    assert look.links(page)[0] == "/password/forgotten"


def test_a_method_that_a_page_does_not_take_says_which_ones_it_does(provider: Provider) -> None:
    page = provider.browser().request("REPORT", "/login")

    assert page.status_code == 405
    assert "GET" in page.headers["Allow"]
    assert look.heading(page) == "Tätä osoitetta ei voi avata näin"


def test_a_form_too_large_to_read_is_refused_with_its_reason(provider: Provider) -> None:
    page = provider.browser().post("/login", data={"username": "x" * 7_000_000})

    assert page.status_code == 413
    assert look.heading(page) == "Lähetys on liian suuri"


def test_another_sites_form_is_refused_with_its_reason(provider: Provider) -> None:
    page = provider.browser().post("/login", headers={"Origin": "https://evil.example"})

    assert page.status_code == 403
    assert look.heading(page) == "Lomake tuli toiselta sivustolta"


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fi", "Palvelua ei tunneta"),
        ("sv", "Tjänsten är okänd"),
        ("en", "The service is not known"),
    ],
)
def test_an_error_page_speaks_the_persons_language(
    provider: Provider, language: str, title: str
) -> None:
    page = provider.browser(**{"Accept-Language": language}).get("/authorize?client_id=unknown")

    assert page.status_code == 400
    assert look.heading(page) == title
    assert f'<html lang="{language}">' in page.text


def test_a_lost_sign_in_leads_to_a_new_one_at_the_portal(provider: Provider) -> None:
    provider.register()

    page = provider.browser().get("/authorize/resume?request=from-another-browser")

    assert page.status_code == 400
    assert look.heading(page) == "Kirjautuminen jäi kesken"
    assert look.links(page)[0].startswith("https://portal.example.fi/login?iss=")


def test_an_error_page_has_the_headers_of_every_page(provider: Provider) -> None:
    page = provider.browser().get("/no/such/page")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_an_address_that_looks_like_another_site_is_never_linked_to(provider: Provider) -> None:
    environ = {"PATH_INFO": "//evil.example/x", REMOTE: "127.0.0.1"}
    with provider.app.test_request_context(method="POST", environ_overrides=environ):
        answer = provider.app.make_response(provider.app.handle_user_exception(Unavailable()))

    page = httpx.Response(answer.status_code, content=answer.data)
    assert look.links(page)[0] == "/evil.example/x"
