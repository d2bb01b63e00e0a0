"""Front-Channel Logout 1.0: relying parties' own pages, loaded in frames, sign out there."""

import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.live import LiveServer
from tests.live_party import LiveParty
from tests.provider import ISSUER, PORTAL, TestBrowser, query
from tests.receiver import Receiver
from tests.relying_party import RelyingParty

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
FRAMED = "https://hr.example.fi"


def framed(party: RelyingParty, **metadata: object) -> RelyingParty:
    """A second relying party, which signs out by a page of its own."""
    return RelyingParty(
        party.provider,
        **{
            "redirect_uris": [f"{FRAMED}/cb"],
            "frontchannel_logout_uri": f"{FRAMED}/bye?from=idp",
            "frontchannel_logout_session_required": True,
            "initiate_login_uri": None,
            **metadata,
        },
    )


def both_signed_in(party: RelyingParty, other: RelyingParty) -> tuple[TestBrowser, str]:
    """A browser with a session that gave tokens to both, and the first one's ID token."""
    browser = party.provider.browser()
    token = party.tokens(browser, party.provider.person())["id_token"]
    other.redeem(other.answer(other.authorize(browser))["code"])
    return browser, token


def frames(markup: str) -> list[str]:
    """The frames' addresses."""
    return [unescape(found) for found in re.findall(r'<iframe[^>]* src="([^"]+)"', markup)]


def test_the_page_loads_the_registered_address_with_iss_and_sid(party: RelyingParty) -> None:
    """Section 3: ``iss`` and ``sid`` are added to whatever query it has."""
    browser, token = both_signed_in(party, framed(party))
    page = browser.open(f"/logout?id_token_hint={token}")
    (frame,) = frames(page.text)
    assert frame.startswith(f"{FRAMED}/bye?from=idp&")
    sid = party.claims(token)["sid"]
    assert query(frame) == {"from": "idp", "iss": ISSUER, "sid": sid}


def test_the_policy_names_exactly_the_framed_origins(party: RelyingParty) -> None:
    browser, token = both_signed_in(party, framed(party))
    page = browser.open(f"/logout?id_token_hint={token}")
    (policy,) = page.headers.get_list("Content-Security-Policy")
    directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert directives["frame-src"] == FRAMED
    assert directives["frame-ancestors"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert "frame-src" not in browser.get("/logout/done").headers["Content-Security-Policy"]


def test_only_those_are_framed_that_the_session_gave_tokens_to(party: RelyingParty) -> None:
    other = framed(party)
    browser = party.provider.browser()
    token = party.tokens(browser, party.provider.person())["id_token"]
    other.authorize(browser)  # A code that nobody redeemed began no session there.
    assert frames(browser.open(f"/logout?id_token_hint={token}").text) == []


def test_the_browser_stays_for_the_frames_and_has_a_way_on(party: RelyingParty) -> None:
    browser, token = both_signed_in(party, framed(party))
    asked = {"id_token_hint": token, "post_logout_redirect_uri": f"{PORTAL}/", "state": "s"}
    page = browser.follow(browser.get("/logout", params=asked))
    assert page.status_code == 200
    assert f'href="{PORTAL}/?state=s" data-onward' in page.text
    assert party.authorize(browser).url.path == "/login"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_in_a_browser_the_page_is_loaded_and_the_person_comes_back(
    live_server: LiveServer, browser: Browser, scripts: bool
) -> None:
    person = live_server.person(f"etu{scripts}@example.fi".lower())
    with Receiver() as site:
        party = LiveParty(
            live_server,
            redirect_uris=[f"{site.origin}/cb"],
            frontchannel_logout_uri=f"{site.origin}/bye",
            post_logout_redirect_uris=[f"{site.origin}/home"],
        )
        context = browser.new_context(java_script_enabled=scripts, locale="fi")
        page = context.new_page()
        page.goto(party.authorization_request())
        page.get_by_label("Käyttäjätunnus").fill(person.username)
        page.get_by_label("Salasana", exact=True).fill(person.password)
        page.get_by_role("button", name="Kirjaudu").click()
        page.wait_for_url(f"{site.origin}/cb?*")
        tokens = party.redeem_here(query(page.url)["code"])
        home = f"{site.origin}/home"
        address = f"{live_server.issuer}/logout?id_token_hint={tokens['id_token']}"
        page.goto(f"{address}&post_logout_redirect_uri={home}")
        if not scripts:
            expect(page.get_by_role("heading", level=1)).to_have_text("Olet kirjautunut ulos")
            page.get_by_role("link", name="Jatka").click()
        page.wait_for_url(home)
        assert any(path.startswith("/bye?iss=") for path in site.got)
        context.close()


def test_the_page_is_accessible_frames_and_all(live_server: LiveServer, browser: Browser) -> None:
    person = live_server.person("saavutettava@example.fi")
    with Receiver() as site:
        party = LiveParty(
            live_server,
            redirect_uris=[f"{site.origin}/cb"],
            frontchannel_logout_uri=f"{site.origin}/bye",
        )
        context = browser.new_context(locale="fi", viewport={"width": 320, "height": 800})
        page = context.new_page()
        page.goto(party.authorization_request())
        page.get_by_label("Käyttäjätunnus").fill(person.username)
        page.get_by_label("Salasana", exact=True).fill(person.password)
        page.get_by_role("button", name="Kirjaudu").click()
        page.wait_for_url(f"{site.origin}/cb?*")
        token = party.redeem_here(query(page.url)["code"])["id_token"]
        page.goto(f"{live_server.issuer}/logout?id_token_hint={token}")
        assert page.locator("iframe").count() == 1
        violations = Axe().run(page, options=RULES).response["violations"]
        assert [finding["id"] for finding in violations] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        context.close()
