"""The organization's IT makes a Kerberos connection as any other: values, keytab, test, state."""

import re
from base64 import b64decode

import httpx
import pytest

from idp.authentication.federation.kerberos import acceptor
from idp.pages.connection import products
from tests.kerberos.organization import Kerberized
from tests.keytabs import AES256, RC4, keytab
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import token
from tests.provider import Provider, TestBrowser

OURS = "HTTP/id.example.fi@KUUSELA.EXAMPLE"
GOOD = keytab((OURS, AES256), (OURS, RC4))


@pytest.fixture
def it(provider: Provider, kuusela: Kerberized) -> TestBrowser:
    provider.change(type(kuusela.organization), kuusela.organization.id, uses_sso=False)
    ilmari = provider.person("ilmari@example.fi", roles=("it_admin",))
    browser = provider.browser()
    browser.sign_in(ilmari)
    return browser


@pytest.fixture
def desk(provider: Provider) -> ItDesk:
    return ItDesk(provider)


def give(desk: ItDesk, path: str, content: bytes | None, **values: str) -> httpx.Response:
    """Send the form with a file; None: without one."""
    given = {"csrf_token": token(desk.it), "realm": "kuusela.example", **values}
    files = {"keytab": ("laatuportti.keytab", content or b"", "application/octet-stream")}
    if content is None:
        files["keytab"] = ("", b"", "application/octet-stream")
    return desk.it.follow(desk.it.post(f"{SSO}{path}", data=given, files=files))


def held(desk: ItDesk) -> bytes:
    """The keytab as it is sealed."""
    connections = desk.provider.deployment.connections
    with desk.provider.database.reading() as tx:
        row = connections.get(tx, desk.organization_id, "kerberos")
        return b64decode(connections.secrets(row)["keytab"])


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


def test_a_draft_is_made_of_a_realm_and_a_keytab_that_is_sealed(desk: ItDesk) -> None:
    assert f"{SSO}/new/kerberos" in look.links(desk.look("/new"))
    page = desk.look("/new/kerberos")
    assert 'value="HTTP/id.example.fi"' in page.text
    made = give(desk, "/new/kerberos", GOOD)
    assert made.url.path == f"{SSO}/kerberos"
    text = look.text(made)
    for told in ("Luonnos", OURS, "AES256-SHA1"):
        assert told in text
    assert "RC4" not in text
    assert "KUUSELA.EXAMPLE" in text
    assert held(desk) == GOOD
    assert "keytab" not in desk.document("kerberos")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "Keytab-tiedosto puuttuu"),
        (b"PK\x03\x04", "ei ole keytab"),
        (GOOD + b"\x00" * 64 * 1024, "ei ole keytab"),
        (GOOD[:-3], "ei ole keytab"),
        (keytab((OURS, RC4)), r"Siinä on: HTTP/id\.example\.fi@KUUSELA\.EXAMPLE \(RC4\)"),
        (keytab(("HTTP/muu@MUU.EXAMPLE", AES256)), r"HTTP/muu@MUU\.EXAMPLE \(AES256-SHA1\)"),
    ],
)
def test_what_is_wrong_with_a_keytab_is_told_at_its_field(
    desk: ItDesk, content: bytes | None, told: str
) -> None:
    page = give(desk, "/new/kerberos", content)
    assert page.status_code == 422
    found = look.errors(page)
    assert set(found) == {"keytab"}
    assert re.search(told, found["keytab"])


def test_a_realm_is_needed(desk: ItDesk) -> None:
    page = give(desk, "/new/kerberos", GOOD, realm="")
    assert set(look.errors(page)) == {"realm"}


def test_a_keytab_left_out_stays_and_has_to_fit_a_new_realm(desk: ItDesk) -> None:
    give(desk, "/new/kerberos", GOOD)
    kept = give(desk, "/kerberos/edit", None, why="ei muutosta")
    assert kept.url.path == f"{SSO}/kerberos"
    assert held(desk) == GOOD
    page = give(desk, "/kerberos/edit", None, realm="TOINEN.EXAMPLE")
    assert set(look.errors(page)) == {"keytab"}
    other = keytab(("HTTP/id.example.fi@TOINEN.EXAMPLE", AES256))
    give(desk, "/kerberos/edit", other, realm="TOINEN.EXAMPLE", why="uusi toimialue")
    assert held(desk) == other
    assert "uusi toimialue" in look.text(desk.look("/kerberos/versions"))


def test_a_keytab_without_our_key_is_shown_as_one_that_lets_nobody_in(
    desk: ItDesk, provider: Provider
) -> None:
    give(desk, "/new/kerberos", GOOD)
    provider.deployment.federation.kerberos._host = "muu.example.fi"
    try:
        assert "kukaan ei pääse sisään" in look.text(desk.look("/kerberos"))
    finally:
        provider.deployment.federation.kerberos._host = "id.example.fi"


def test_it_is_not_offered_where_the_library_is_missing(
    desk: ItDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptor, "library", lambda: None)
    assert "kerberos" not in [each.id for each in products.offered()]
    assert f"{SSO}/new/kerberos" not in look.links(desk.look("/new"))
    assert desk.look("/new/kerberos").status_code == 404
