"""Session Management 1.0: a relying party's page notices that the sign-in changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.live import LivePerson, LiveServer
from tests.live_party import LiveParty
from tests.provider import ISSUER, OPERATOR, query
from tests.receiver import Receiver
from tests.relying_party import RelyingParty

ASK = """asked => new Promise(answer => {
  addEventListener("message", event => answer([event.data, event.origin]), {once: true});
  const frame = document.querySelector("iframe").contentWindow;
  frame.postMessage(asked, new URL(document.querySelector("iframe").src).origin);
})"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A relying party's page with our frame in it, open in a browser."""

    page: Page
    party: LiveParty
    session_state: str
    person: LivePerson

    def ask(self, asked: str | None = None) -> str:
        """What the frame says; by default to what a relying party asks (section 3.1)."""
        question = asked or f"{self.party.credentials[0]} {self.session_state}"
        word, origin = self.page.evaluate(ASK, question)
        assert origin == self.party.server.issuer
        return str(word)

    def visit(self) -> Page:
        """Another tab of the same browser."""
        return self.page.context.new_page()


@contextmanager
def opened(server: LiveServer, browser: Browser, name: str) -> Iterator[Site]:
    """Sign in at a relying party whose page holds the frame."""
    person = server.person(f"{name}@example.fi")
    frame = f'<!doctype html><title>rp</title><iframe src="{server.issuer}/session/check"></iframe>'
    with Receiver() as site:
        site.page = frame.encode()
        party = LiveParty(server, redirect_uris=[f"{site.origin}/cb"])
        context = browser.new_context(locale="fi")
        page = context.new_page()
        page.goto(party.authorization_request())
        sign_in(page, person)
        page.wait_for_url(f"{site.origin}/cb?*")
        state = query(page.url)["session_state"]
        yield Site(page=page, party=party, session_state=state, person=person)
        context.close()


def sign_in(page: Page, person: LivePerson) -> None:
    page.get_by_label("Käyttäjätunnus").fill(person.username)
    page.get_by_label("Salasana", exact=True).fill(person.password)
    page.get_by_role("button", name="Kirjaudu").click()


def test_unchanged_while_signed_in_changed_once_signed_out(
    live_server: LiveServer, browser: Browser
) -> None:
    with opened(live_server, browser, "muutos") as site:
        assert site.ask() == "unchanged"
        tab = site.visit()
        tab.goto(f"{live_server.issuer}/logout")
        tab.get_by_role("main").get_by_role("button", name="Kirjaudu ulos").click()
        tab.wait_for_url("**/logout/done?*")
        assert site.ask() == "changed"


def test_changed_once_somebody_else_signed_in(live_server: LiveServer, browser: Browser) -> None:
    other = live_server.person("toinen@example.fi")
    with opened(live_server, browser, "ensimmainen") as site:
        tab = site.visit()
        tab.goto(f"{site.party.authorization_request()}&prompt=login")
        sign_in(tab, other)
        tab.wait_for_url("**/cb?*")
        assert site.ask() == "changed"


@pytest.mark.parametrize(
    "asked", ["nonsense", "client hash-without-salt", "a b c", "client 00.salt", " ."]
)
def test_error_where_the_question_cannot_be_read(
    live_server: LiveServer, browser: Browser, asked: str
) -> None:
    """Section 3.2: a syntactically wrong question is answered "error"."""
    with opened(live_server, browser, f"virhe{len(asked)}") as site:
        assert site.ask(asked) == "error"


def test_another_clients_or_anothers_state_is_changed(
    live_server: LiveServer, browser: Browser
) -> None:
    with opened(live_server, browser, "vieras") as site:
        assert site.ask(f"another-client {site.session_state}") == "changed"


def test_error_where_the_browser_keeps_its_cookies_from_the_frame(
    live_server: LiveServer, browser: Browser
) -> None:
    """It cannot be told apart from a change otherwise, and the relying party would ask for ever."""
    with opened(live_server, browser, "estetty") as site:
        site.page.context.clear_cookies(name="idp_state")
        assert site.ask() == "error"


def test_an_answer_of_each_sign_in_carries_another_state(party: RelyingParty) -> None:
    browser = party.provider.browser()
    browser.sign_in(party.provider.person())
    states = [party.answer(party.authorize(browser))["session_state"] for _ in range(2)]
    assert len(set(states)) == 2


def test_the_frame_may_read_the_cookie_and_it_opens_nothing(party: RelyingParty) -> None:
    """It goes into other sites' pages: SameSite=None and Secure, no HttpOnly, not the secret."""
    answers: list[httpx.Response] = []
    browser = party.provider.browser()
    browser.event_hooks = {"response": [answers.append]}
    browser.sign_in(party.provider.person())
    set_cookies = [each for answer in answers for each in answer.headers.get_list("Set-Cookie")]
    said = next(each for each in set_cookies if each.startswith("__Host-idp_state="))
    assert {"Secure", "SameSite=None", "Path=/"} <= set(said.split("; "))
    assert "HttpOnly" not in said
    secret = browser.cookies["__Host-idp_session"]
    assert secret not in said
    assert not said.partition("=")[2].startswith(secret[:8])


def test_it_changes_at_sign_out_and_where_the_session_ended_elsewhere(
    party: RelyingParty,
) -> None:
    account = party.provider.person()
    browser = party.provider.browser()
    browser.sign_in(account)
    signed_in = browser.cookies["__Host-idp_state"]
    browser.submit(browser.get("/logout"))
    assert browser.cookies["__Host-idp_state"] == "out"
    browser.sign_in(account)
    assert browser.cookies["__Host-idp_state"] not in (signed_in, "out")
    with party.provider.database.transaction() as tx:
        party.provider.deployment.sessions.end_all(tx, account.id, by=OPERATOR, why="signed_out")
    browser.get("/login")
    assert browser.cookies["__Host-idp_state"] == "out"


def test_a_page_that_may_be_framed_runs_our_script_alone(party: RelyingParty) -> None:
    page = party.http.get("/session/check")
    (policy,) = page.headers.get_list("Content-Security-Policy")
    assert "default-src 'none'; script-src 'self';" in policy
    assert policy.endswith("frame-ancestors *")
    assert "Set-Cookie" not in page.headers
    login = party.http.get("/login")
    assert login.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in login.headers["Content-Security-Policy"]
    assert party.http.get("/.well-known/openid-configuration").json()["check_session_iframe"] == (
        f"{ISSUER}/session/check"
    )
