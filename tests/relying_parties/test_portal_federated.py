"""M9, M10, M12, M15 in a real browser, whole: SSO link, upstream, portal, profile, and out again.

The upstreams are npm oidc-provider and pysaml2, at 127.0.0.1 while we are at localhost: what they
post comes from another site, without our SameSite=Lax cookies.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.live import LiveServer
from tests.npm_provider import npm_provider
from tests.relying_parties.portal_server import PortalServer
from tests.saml.saml_site import POST, REDIRECT, SamlSite
from tests.servers.ports import free_port

MANAGED = ("given_name", "family_name", "email", "title", "unit")


class Trail:
    """What the browser's window was given, redirects included."""

    def __init__(self, page: Page) -> None:
        self.answers: list[tuple[int, str]] = []
        self._main = page.main_frame
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.request.resource_type == "document" and response.frame == self._main:
            self.answers.append((response.status, response.url))

    def shown_by(self, site: str) -> list[str]:
        """The paths of the site's pages that were shown, those that only led on left out."""
        shown = [url for status, url in self.answers if status not in (302, 303)]
        return [urlsplit(url).path for url in shown if url.startswith(site)]


@pytest.fixture
def slug(live_server: LiveServer) -> str:
    """An organization of this test's own."""
    slug = f"o{uuid4().hex[:8]}"
    live_server.idp("organization", "create", slug, "--name", "Kuusela")
    return slug


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of its own."""
    context = browser.new_context(locale="fi-FI")
    yield context.new_page()
    context.close()


def connect(server: LiveServer, slug: str, **document: Any) -> None:
    """The organization's connection, switched on."""
    server.idp("connection", "create", slug, "-", "--enable", given=json.dumps(document))


@contextmanager
def npm_upstream(server: LiveServer, slug: str) -> Iterator[str]:
    """npm oidc-provider, connected; its issuer."""
    port = free_port()
    base = f"{server.issuer}/sso/{slug}/npm"
    client = {
        "client_id": "laatuportti",
        "client_secret": "upstream secret of a test",
        "redirect_uris": [f"{base}/callback"],
        "post_logout_redirect_uris": [f"{base}/signed-out"],
    }
    connect(
        server,
        slug,
        kind="oidc",
        name="npm",
        issuer=f"http://127.0.0.1:{port}",
        client_id=client["client_id"],
        client_secret=client["client_secret"],
    )
    username = f"maija@{slug}.example"
    person = {"preferred_username": username, "email": username}
    with npm_provider([client], port, person) as issuer:
        yield issuer


@contextmanager
def saml_upstream(
    server: LiveServer, slug: str, folder: Path, binding: str = REDIRECT
) -> Iterator[SamlSite]:
    """pysaml2, connected."""
    with SamlSite(binding) as site:
        connect(server, slug, kind="saml", name="saml", metadata=site.metadata)
        username = [f"aino@{slug}.example"]
        aino = {"givenName": ["Aino"], "surname": ["Kuusela"], "mail": username, "uid": username}
        ours = httpx.get(f"{server.issuer}/sso/{slug}/saml/metadata").content
        site.meet(folder, ours, aino)
        yield site


def arrive(page: Page, server: LiveServer, portal: PortalServer, slug: str) -> None:
    """By the SSO link to the portal."""
    page.goto(f"{server.issuer}/sso/{slug}")
    page.wait_for_url(f"{portal.url}/")


def expect_greyed_profile(page: Page, portal: PortalServer, source: str) -> None:
    """M12, D4: the portal shows what it may not let people write, and why."""
    page.goto(f"{portal.url}/profile")
    for name in MANAGED:
        expect(page.locator(f"#{name}")).to_have_attribute("readonly", "")
        expect(page.locator(f"#{name}-why")).to_contain_text(f"({source})")
    expect(page.locator("#locale")).to_be_enabled()


def sign_out(page: Page) -> None:
    """M15: the menu at the person's name, 'Kirjaudu ulos'."""
    page.locator("details.person summary").click()
    page.locator("details.person button").click()


def test_through_npm_oidc_provider_and_out_again(
    page: Page, live_server: LiveServer, portal: PortalServer, slug: str
) -> None:
    with npm_upstream(live_server, slug) as upstream:
        trail = Trail(page)
        arrive(page, live_server, portal, slug)
        assert trail.shown_by(live_server.issuer) == []
        expect(page.locator("h1")).to_contain_text("Maija")
        expect_greyed_profile(page, portal, "npm")
        assert "_session" in cookies(page, upstream)

        sign_out(page)
        page.locator("button[name=logout]").click()
        page.wait_for_url(f"{portal.url}/signed-out**")
        assert trail.shown_by(live_server.issuer) == []
        assert any(url.startswith(f"{upstream}/session/end") for _, url in trail.answers)
        assert "_session" not in cookies(page, upstream)
        page.goto(f"{live_server.issuer}/account")
        expect(page).to_have_url(re.compile("/login"))


def test_from_the_portals_own_button_by_the_organizations_name(
    page: Page, live_server: LiveServer, portal: PortalServer, slug: str
) -> None:
    """Whoever has no SSO link at hand comes by our sign-in page, and lands in the same place."""
    with npm_upstream(live_server, slug):
        page.goto(portal.url)
        page.get_by_role("link", name="Kirjaudu").first.click()
        page.get_by_role("link", name="kertakirjautumisella").click()
        page.get_by_role("main").get_by_role("textbox").fill(slug)
        page.get_by_role("main").get_by_role("button").click()
        page.wait_for_url(f"{portal.url}/")
        expect(page.locator("h1")).to_contain_text("Maija")


@pytest.mark.parametrize("binding", [REDIRECT, POST], ids=["redirect", "form"])
def test_through_saml_and_out_again(
    page: Page,
    live_server: LiveServer,
    portal: PortalServer,
    slug: str,
    tmp_path: Path,
    binding: str,
) -> None:
    """A request by form takes a page of ours that sends itself on; nothing else is shown."""
    with saml_upstream(live_server, slug, tmp_path, binding) as upstream:
        trail = Trail(page)
        arrive(page, live_server, portal, slug)
        sent = [f"/sso/{slug}"] if binding == POST else []
        assert trail.shown_by(live_server.issuer) == sent
        expect(page.locator("h1")).to_contain_text("Aino")
        expect_greyed_profile(page, portal, "saml")

        sign_out(page)
        page.wait_for_url(f"{portal.url}/signed-out**")
        assert not upstream.has_session
        sent = [*sent, "/logout"] if binding == POST else []
        assert trail.shown_by(live_server.issuer) == sent
        page.goto(f"{live_server.issuer}/account")
        expect(page).to_have_url(re.compile("/login"))


def cookies(page: Page, site: str) -> set[str]:
    """The names of the cookies that the browser keeps for a site."""
    return {str(cookie.get("name")) for cookie in page.context.cookies(site)}
