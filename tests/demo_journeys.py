"""Pages of the demo that no address alone shows: for each, the way there."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from playwright.sync_api import Page

from idp.demo.federated import CONNECTION, KEEPER, SLUG
from tests.demo_pages import MIKKO, OPERATOR, Demo

SSO = f"/sso/{SLUG}"
CONSOLE = f"/organization/{SLUG}/connection"
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636 appendix B; nobody redeems the code."""

Journey = Callable[[Demo, Page], object]


def arrive(running: Demo, page: Page) -> None:
    """Arrive at the portal as Kaarina Salo, by her organization's SSO link."""
    page.goto(SSO)
    page.get_by_role("button", name="Kaarina Salo").click()
    page.wait_for_url(f"{running.portal}/**")


def consent(running: Demo, page: Page) -> None:
    """Whether somebody else's client may have what it asks for."""
    running.sign_in(page, MIKKO)
    asked = {
        "client_id": running.stranger,
        "redirect_uri": f"{running.portal}/callback",
        "response_type": "code",
        "scope": "openid profile email",
        "prompt": "consent",
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
    }
    page.goto(f"/authorize?{urlencode(asked)}")


def wrong_device_code(_: Demo, page: Page) -> None:
    """A code that no device shows."""
    page.goto("/device?user_code=BBBB-BBBB")
    page.locator("main form .button-primary").click()


def device(running: Demo, page: Page) -> None:
    """Whether a device may sign in."""
    running.sign_in(page, MIKKO)
    form = {"client_id": running.stranger, "scope": "openid profile"}
    codes = httpx.post(f"{running.issuer}/device_authorization", data=form).json()
    page.goto(f"/device?user_code={codes['user_code']}")
    page.locator("main form .button-primary").click()
    page.locator("button[name=allow]").wait_for()


def device_approved(running: Demo, page: Page) -> None:
    """The device may."""
    device(running, page)
    page.locator("button[name=allow]").click()


def at(path: str) -> Journey:
    """An address, once one has arrived by single sign-on."""

    def journey(running: Demo, page: Page) -> None:
        arrive(running, page)
        page.goto(path)

    return journey


def signed_out(running: Demo, page: Page) -> None:
    """What ended and what goes on, after a sign-in by single sign-on."""
    arrive(running, page)
    page.goto("/logout")
    page.locator("main form .button-primary").click()
    page.wait_for_url("**/logout/done**")


def refused(running: Demo, page: Page) -> None:
    """The organization's identity provider said no."""
    page.goto(SSO)
    state = parse_qs(urlsplit(page.url).query)["state"][0]
    issuer = f"http://{urlsplit(page.url).netloc}"
    answer = urlencode({"error": "access_denied", "state": state, "iss": issuer})
    page.goto(f"{SSO}/{CONNECTION}/callback?{answer}")
    page.locator("[data-reference]").first.wait_for()


def after_refusal(running: Demo, page: Page) -> None:
    """Where the next try stops, so that nothing goes round."""
    refused(running, page)
    page.goto(SSO)


def tested(running: Demo, page: Page) -> None:
    """What a test of the connection found."""
    running.sign_in(page, KEEPER.username)
    page.goto(f"{CONSOLE}/{CONNECTION}/test")
    page.locator("main form .button-primary").click()
    page.get_by_role("button", name="Johan Berg").click()
    page.wait_for_url(f"**{CONSOLE}/**")


def looked_after(path: str) -> Journey:
    """A page of single sign-on, as who looks after it."""

    def journey(running: Demo, page: Page) -> None:
        running.sign_in(page, KEEPER.username)
        page.goto(path)

    return journey


def client(running: Demo, page: Page) -> None:
    """A client as the operator sees it."""
    running.sign_in(page, OPERATOR)
    page.goto(f"/operations/clients/{running.stranger}")


JOURNEYS: Mapping[str, Journey] = {
    "consent": consent,
    "device-wrong": wrong_device_code,
    "device": device,
    "device-approved": device_approved,
    "sso-profile": at("/account/profile"),
    "sso-password": at("/account/profile/password"),
    "sso-logout": at("/logout"),
    "signed-out": signed_out,
    "sso-refused": refused,
    "sso-again": after_refusal,
    "it-guide": looked_after(f"{CONSOLE}/new/entra_oidc"),
    "it-test": tested,
    "it-rules": looked_after(f"{CONSOLE}/{CONNECTION}/policy"),
    "it-switch": looked_after(f"{CONSOLE}/{CONNECTION}/switch"),
    "it-people": looked_after(f"{CONSOLE}/people"),
    "client": client,
}
