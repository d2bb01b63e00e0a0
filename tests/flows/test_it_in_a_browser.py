"""Issue 4.5 in a real browser: the IT person's way from a product to a test, by keyboard too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from idp.demo.federated import KEEPER, SLUG
from tests.demo_journeys import CONSOLE
from tests.demo_pages import AINO, Demo, demo
from tests.demo_rows import seed
from tests.flows.test_in_a_browser import accessible, focus

SSO = "/organization/metsola/connection"
ISSUER = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, running."""
    folder: Path = tmp_path_factory.mktemp("it-demo")
    with demo(folder) as running:
        yield running


@pytest.fixture(scope="module")
def rows(running: Demo) -> Demo:
    """The demo with what waits at its OpenID organization."""
    seed(running.folder)
    return running


def connect(page: Page) -> None:
    """A connection by the form."""
    page.goto(f"{SSO}/new/entra_oidc")
    page.get_by_label("Issuer").fill(ISSUER)
    page.get_by_label("Client ID").fill("6f6f0d4c-1111-2222-3333-444444444444")
    page.locator("#client_secret").fill("x")
    page.locator("#client_secret_expires").fill("1.1.2030")
    page.get_by_role("button", name="Tallenna luonnos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Microsoft Entra ID")


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_accessible_on_phone_and_desktop(
    running: Demo, browser: Browser, width: int
) -> None:
    context = running.context(browser, "fi", width=width)
    page = context.new_page()
    running.sign_in(page, AINO)
    name = {320: "entra-oidc", 1280: "entra-oidc-2"}[width]
    connect(page)
    here = f"{SSO}/{name}"
    paths = [
        SSO,
        f"{SSO}/new",
        f"{SSO}/new/adfs",
        f"{SSO}/new/kerberos",
        f"{SSO}/calendar",
        f"{SSO}/arrivals",
    ]
    paths += [f"{SSO}/calendar", f"{SSO}/arrivals", f"{SSO}/domains"]
    paths += [f"{SSO}/people", here, *(f"{here}/{each}" for each in ("edit", "mapping", "test"))]
    paths += [f"{here}/switch", f"{here}/versions", f"{here}/policy"]
    found = {}
    for locale in ("fi", "sv", "en"):
        for path in paths:
            page.goto(f"{path}?ui_locales={locale}")
            assert page.locator("html").get_attribute("lang") == locale
            assert page.locator("h1").count() == 1
            found[f"{path} {locale}"] = accessible(page)
    context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_with_rows_are_accessible_on_phone_and_desktop(
    rows: Demo, browser: Browser, width: int
) -> None:
    context = rows.context(browser, "fi", width=width)
    page = context.new_page()
    rows.sign_in(page, KEEPER.username)
    paths = ("/people", "/adfs", "/adfs/metadata", "/adfs/policy", "/kerberos", "/kerberos/edit")
    found = {}
    for locale in ("fi", "sv", "en"):
        for path in ("", *paths):
            page.goto(f"{CONSOLE}{path}?ui_locales={locale}")
            assert page.locator("h1").count() == 1
            found[f"{path} {locale}"] = accessible(page)
    context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("width", [320, 1280])
def test_the_form_that_leads_to_an_identity_provider_and_the_link_to_it_are_accessible(
    rows: Demo, browser: Browser, width: int
) -> None:
    context = rows.context(browser, "fi", width=width)
    page = context.new_page()
    page.route("**/form_post.js*", lambda route: route.abort())  # Or it would be gone at once.
    rows.sign_in(page, KEEPER.username)
    for locale in ("fi", "sv", "en"):
        page.goto(f"/organization/{SLUG}?ui_locales={locale}")
        expect(page.get_by_text(f"/sso/{SLUG}")).to_be_visible()
        assert accessible(page) == []
        page.goto(f"{CONSOLE}/lomake/test?ui_locales={locale}")
        page.locator("main form .button-primary").click()
        expect(page.locator("form[name=answer]")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == locale
        assert accessible(page) == []
    context.close()


def test_the_form_and_the_mapping_work_without_scripts(running: Demo, browser: Browser) -> None:
    context = browser.new_context(base_url=running.issuer, java_script_enabled=False, locale="fi")
    page = context.new_page()
    page.goto("/login")
    running.sign_in(page, AINO)
    page.goto(f"{SSO}/new/keycloak")
    page.get_by_role("button", name="Tallenna luonnos").click()
    issuer = page.get_by_label("Issuer")
    assert issuer.get_attribute("aria-invalid") == "true"
    issuer.fill("https://kc.example.com/realms/metsola")
    page.get_by_label("Client ID").fill("laatuportti")
    page.locator("#client_secret").fill("x")
    page.get_by_role("button", name="Tallenna luonnos").click()
    page.goto(f"{SSO}/keycloak/mapping")
    page.locator("summary", has_text="Titteli").click()
    page.locator("#title-kind").select_option("pick")
    page.locator("#title-names").fill("jobTitle")
    page.get_by_role("button", name="Kokeile").click()
    expect(page.get_by_text("Oikeita saapumisia ei ole vielä")).to_be_visible()
    page.get_by_role("button", name="Tallenna").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keycloak")
    context.close()


def test_a_keyboard_alone_makes_a_connection_and_copies_our_value(
    running: Demo, browser: Browser
) -> None:
    context = running.context(browser, "fi")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    running.sign_in(page, AINO)
    page.goto(f"{SSO}/new/okta")
    focus(page, ".copyable button")
    page.keyboard.press("Enter")
    expect(page.locator(".copied").first).not_to_be_empty()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#value-redirect_uri").input_value()
    focus(page, "#issuer")
    page.keyboard.type("https://metsola.okta.example")
    page.keyboard.press("Tab")
    page.keyboard.type("0oa1")
    page.keyboard.press("Tab")
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Okta")
    context.close()
