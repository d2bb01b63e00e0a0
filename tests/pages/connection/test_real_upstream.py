"""Issue 4.5 with npm oidc-provider: connected on the page, tested, switched on, arrived through."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.federated import is_at_portal
from tests.npm_provider import npm_provider
from tests.pages import look
from tests.pages.connection.desk import SSO, ItDesk
from tests.pages.organization.desk import token
from tests.provider import ISSUER, TestBrowser
from tests.servers.ports import free_port

HERE = f"{SSO}/oidc"
SECRET = "upstream secret of a test"


@contextmanager
def running(desk: ItDesk) -> Iterator[str]:
    """npm oidc-provider with the values that the page shows to copy; its issuer."""
    page = desk.look("/new/oidc")
    client = {
        "client_id": "laatuportti",
        "client_secret": SECRET,
        "redirect_uris": [_shown(page)],
    }
    with npm_provider([client], free_port()) as issuer:
        yield issuer


def _shown(page: httpx.Response) -> str:
    """The redirect URI as the page shows it to be copied."""
    tag = re.search(r'<input[^>]*id="value-redirect_uri"[^>]*>', page.text)
    assert tag
    found = re.search(r'value="([^"]+)"', tag[0])
    assert found
    return found[1]


def through(address: str) -> str:
    """Where the upstream sends the browser back to, whoever comes being signed in there."""
    with httpx.Client() as browser:
        while not address.startswith(ISSUER):
            step = browser.get(address)
            address = str(httpx.URL(address).join(step.headers["Location"]))
    return address


def post(browser: TestBrowser, path: str, **values: str) -> httpx.Response:
    """Send a form of one's own making."""
    return browser.post(path, data={"csrf_token": token(browser), **values})


def test_what_it_connects_on_the_page_lets_people_in(desk: ItDesk) -> None:
    desk.provider.register()
    with running(desk) as issuer:
        made = desk.connect("oidc", issuer=issuer, client_id="laatuportti", client_secret=SECRET)
        assert made.url.path == HERE

        tested = post(desk.it, f"{HERE}/test")
        found = look.text(desk.it.open(through(tested.headers["Location"])))
        assert "uusi tunnus" in found
        assert desk.by_username("maija@npm.example") is None
        assert desk.provider.browser().open("/sso/kuusela").status_code == 403

        desk.browser.follow(post(desk.browser, f"{HERE}/on", keeper=desk.pirkko.id))
        browser = desk.provider.browser()
        away = browser.get("/sso/kuusela").headers["Location"]
        assert is_at_portal(browser.open(through(away)), "kuusela")
        maija = desk.by_username("maija@npm.example")
        assert maija
        member = desk.membership(maija)
        assert member
        assert member.source
