"""Answers by form in a real browser, with scripts and without (what people miss, 13 and 14)."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.live import LivePerson, LiveServer
from tests.receiver import Receiver

VERIFIER = "v" * 43
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def portal() -> Iterator[Receiver]:
    """The relying party's own web server."""
    with Receiver() as receiver:
        yield receiver


def register(server: LiveServer, portal: Receiver, **metadata: Any) -> str:
    information = server.register(
        {
            "redirect_uris": [portal.address],
            "token_endpoint_auth_method": "none",
            "client_name": "Vuorolista",
        }
        | metadata
    )
    return str(information["client_id"])


def address(server: LiveServer, portal: Receiver, client_id: str, **changes: str) -> str:
    """An authorization request."""
    hashed = hashlib.sha256(VERIFIER.encode()).digest()
    asked = {
        "client_id": client_id,
        "redirect_uri": portal.address,
        "response_type": "code",
        "scope": "openid profile email",
        "state": "s",
        "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    } | changes
    return f"{server.issuer}/authorize?{urlencode(asked)}"


def sign_in(page: Page, person: LivePerson) -> None:
    page.get_by_label("Käyttäjätunnus").fill(person.username)
    page.get_by_label("Salasana", exact=True).fill(person.password)
    page.get_by_role("button", name="Kirjaudu").click()


def somebody(server: LiveServer) -> LivePerson:
    return server.person(f"{uuid4().hex[:12]}@example.fi")


def test_form_post_reaches_the_client_by_itself(
    live_server: LiveServer, browser: Browser, portal: Receiver
) -> None:
    client_id = register(live_server, portal)
    page = browser.new_context(locale="fi").new_page()
    page.goto(address(live_server, portal, client_id, response_mode="form_post"))
    sign_in(page, somebody(live_server))
    page.wait_for_url(portal.address)
    assert {"code", "state", "iss"} <= portal.posted[0].keys()


def test_form_post_without_scripts_is_a_button(
    live_server: LiveServer, browser: Browser, portal: Receiver
) -> None:
    client_id = register(live_server, portal)
    page = browser.new_context(locale="fi", java_script_enabled=False).new_page()
    page.goto(address(live_server, portal, client_id, response_mode="form_post"))
    sign_in(page, somebody(live_server))
    expect(page.get_by_role("heading", level=1)).to_have_text("Jatka palveluun")
    assert portal.posted == []
    page.get_by_role("button", name="Jatka").click()
    page.wait_for_url(portal.address)
    assert {"code", "state", "iss"} <= portal.posted[0].keys()


def test_the_client_may_go_on_to_another_of_its_own_addresses(
    live_server: LiveServer, browser: Browser, portal: Receiver
) -> None:
    """Chrome holds the redirect that follows a form against the form's policy too."""
    with Receiver() as elsewhere:
        client_id = register(live_server, portal, client_uri=elsewhere.address)
        portal.redirect_to = elsewhere.address
        page = browser.new_context(locale="fi").new_page()
        page.goto(address(live_server, portal, client_id, response_mode="form_post"))
        sign_in(page, somebody(live_server))
        page.wait_for_url(elsewhere.address)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_the_pages_of_answers_are_accessible_on_phone_and_desktop(
    live_server: LiveServer, browser: Browser, portal: Receiver, locale: str, width: int
) -> None:
    client_id = register(live_server, portal)
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.route("**/form_post.js*", lambda route: route.abort())  # Or it would be gone at once.
    for changes in ({"response_mode": "form_post", "prompt": "none"}, {"prompt": "create"}):
        page.goto(address(live_server, portal, client_id, **changes))
        assert page.locator("html").get_attribute("lang") == locale
        assert page.locator("h1").count() == 1
        found = Axe().run(page, options=RULES).response["violations"]
        assert [finding["id"] for finding in found] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()


def test_another_sites_posted_sign_out_signs_out(
    live_server: LiveServer, browser: Browser, portal: Receiver
) -> None:
    """RP-Initiated Logout 1.0 section 2: by POST too, which brings no SameSite=Lax cookie along."""
    client_id = register(live_server, portal, post_logout_redirect_uris=[portal.address])
    page = browser.new_context(locale="fi").new_page()
    page.goto(address(live_server, portal, client_id))
    sign_in(page, somebody(live_server))
    page.wait_for_url(f"{portal.address}**")
    page.set_content(
        f"""<form method="post" action="{live_server.issuer}/logout">
        <input type="hidden" name="client_id" value="{client_id}">
        <input type="hidden" name="post_logout_redirect_uri" value="{portal.address}">
        <input type="hidden" name="state" value="out"><button>Ulos</button></form>"""
    )
    page.get_by_role("button", name="Ulos").click()
    page.get_by_role("link", name="Svenska").click()
    page.get_by_role("button", name="Logga ut").last.click()
    page.wait_for_url(f"{portal.address}?state=out")
    page.goto(f"{live_server.issuer}/account")
    expect(page.get_by_label("Lösenord", exact=True)).to_be_visible()
