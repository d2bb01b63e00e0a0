"""The demo as a place to look at: its pages, who sees them, and a browser signed in as them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from idp.clients.metadata.algorithms import DEVICE_CODE
from idp.demo.run import PORTS
from idp.demo.sample import PASSWORD
from tests.cli.conftest import Commands
from tests.cli.started import Started
from tests.servers.ports import free_port

AINO = "aino.virtanen@metsola.example"
MIKKO = "mikko.laine@metsola.example"
OPERATOR = "operator"

ANYBODYS = {
    "login": "/login",
    "forgotten": "/password/forgotten",
    "organization-sso": "/login/organization-sso",
    "link-unknown": "/link/unknown",
    "nobody-here": "/logout",
    "device-code": "/device",
    "setup-link-dead": "/setup/unknown",
    "sso-unknown": "/sso/nowhere",
    "error": "/authorize?client_id=unknown",
}
"""Pages for who is not signed in."""

AINOS = {
    "home": "/account",
    "profile": "/account/profile",
    "password": "/account/profile/password",
    "sessions": "/account/sessions",
    "applications": "/account/applications",
    "people": "/organization/metsola",
    "log": "/organization/metsola/log",
    "connection": "/organization/metsola/connection",
    "connection-guide": "/organization/metsola/connection/new/entra_oidc",
    "logout": "/logout",
}
"""Pages of a main user."""

OPERATORS = {
    "operations": "/operations",
    "clients": "/operations/clients",
    "state": "/operations/state",
}
"""Pages of the operator."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running demo."""

    issuer: str
    portal: str
    mailbox: str
    folder: Path
    stranger: str
    """The id of a client that is not our own."""

    def context(self, browser: Browser, locale: str, *, width: int = 1280) -> BrowserContext:
        """A browser window of its own, in a language."""
        return browser.new_context(
            base_url=self.issuer,
            locale=locale,
            viewport={"width": width, "height": 844},
            reduced_motion="reduce",
        )

    def sign_in(self, page: Page, username: str) -> None:
        """Sign in by the page; it ends at the account's front page."""
        page.goto("/login")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda address: "/login" not in address)


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """Run the demo on free ports until the block ends."""
    port = free_port()
    addresses = [f"http://localhost:{port + number}" for number in range(PORTS)]
    words = ("demo", "--folder", str(folder / "demo"), "--port", str(port))
    with Started(*words, folder=folder) as started:
        started.until_answers(*(f"{address}/" for address in addresses[:3]))
        started.until_answers(f"{addresses[3]}/jwks")
        stranger = _register_stranger(folder / "demo", addresses[1])
        yield Demo(
            issuer=addresses[0],
            portal=addresses[1],
            mailbox=addresses[2],
            folder=folder / "demo",
            stranger=stranger,
        )


def _register_stranger(folder: Path, portal: str) -> str:
    metadata = {
        "client_name": "Vuorolista",
        "client_uri": "https://vuorolista.example",
        "policy_uri": "https://vuorolista.example/privacy",
        "redirect_uris": [f"{portal}/callback"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", DEVICE_CODE],
        "scope": "openid profile email",
    }
    register = Commands(folder)
    known = register("client", "register", "--third-party", "-", given=json.dumps(metadata))
    return str(known["client_id"])
