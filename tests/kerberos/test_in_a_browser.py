"""Debian's Chromium with a ticket from ``kinit``: the SSO link opens, nothing is typed (M10)."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.kerberos.kdc import Kdc, encoded
from tests.kerberos.organization import NAMES
from tests.live import LiveServer
from tests.servers.browser import FLAGS, PROGRAM

SERVICE = "HTTP/localhost"


@pytest.fixture(scope="module")
def running(kdc: Kdc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("kerberos")
    server = LiveServer(folder, database_url=f"sqlite:///{folder / 'idp.db'}")
    kdc.principal(SERVICE, "-randkey")
    kdc.principal("aino.kuusela")
    document = {
        "kind": "kerberos",
        "name": "verkko",
        "realm": kdc.realm,
        "keytab": encoded(kdc.keytab(SERVICE)),
        "mapping": NAMES,
    }
    server.idp("connection", "create", "kuusela", "-", "--enable", given=json.dumps(document))
    server.start()
    yield server
    server.stop()


def test_a_computer_of_the_domain_is_in_without_a_page(
    running: LiveServer, kdc: Kdc, browser: Browser, tmp_path: Path
) -> None:
    assert running.idp("connection", "test", "kuusela")["ok"]
    ticket = kdc.sign_in("aino.kuusela")
    # A profile of its own: in a private window no browser answers Negotiate by itself.
    computer = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=PROGRAM,
        locale="fi-FI",
        args=[*FLAGS, "--auth-server-allowlist=localhost"],
        env={**os.environ, **kdc.environment, "KRB5CCNAME": f"FILE:{ticket}"},
    )
    try:
        page = computer.new_page()
        # Chromium on Linux loads Kerberos at the first question of its life, and answers the next.
        page.goto(f"{running.issuer}/sso/kuusela")
        page.get_by_role("link", name="Yritä uudelleen").click()
        expect(page).to_have_url(f"{running.issuer}/account")
        computer.clear_cookies()
        page.goto(f"{running.issuer}/sso/kuusela")
        expect(page).to_have_url(f"{running.issuer}/account")
        expect(page.get_by_role("heading", name="Hei, aino")).to_be_visible()
    finally:
        computer.close()


def test_any_other_computer_sees_the_page(running: LiveServer, browser: Browser) -> None:
    for locale, words in (
        ("fi-FI", "Yritä uudelleen"),
        ("sv-FI", "Försök igen"),
        ("en-GB", "Try again"),
    ):
        page = browser.new_page(locale=locale, viewport={"width": 360, "height": 740})
        page.goto(f"{running.issuer}/sso/kuusela")
        expect(page.get_by_text(words).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("a", has_text="IT").last.click()
        expect(page.locator("[data-reference]")).to_be_visible()
        page.close()
