"""The pages in a real browser: accessible (WCAG 2.2 AA), by keyboard, without scripts."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from idp.demo import federated, saml_federated
from idp.demo.sample import PASSWORD
from tests.demo_journeys import JOURNEYS, Journey, consent, device
from tests.demo_pages import AINO, AINOS, ANYBODYS, MIKKO, OPERATOR, OPERATORS, Demo, demo

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = [
    *(("", name, path) for name, path in ANYBODYS.items()),
    *((AINO, name, path) for name, path in AINOS.items()),
    *((OPERATOR, name, path) for name, path in OPERATORS.items()),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, running."""
    with demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def accessible(page: Page) -> list[str]:
    """What axe finds wrong with the page, and whether it is wider than the screen."""
    found = [finding["id"] for finding in Axe().run(page, options=RULES).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_every_page_is_accessible_in_three_languages_on_phone_and_desktop(
    running: Demo, browser: Browser, locale: str, width: int
) -> None:
    found = {}
    for who in ("", AINO, OPERATOR):
        context = running.context(browser, locale, width=width)
        page = context.new_page()
        page.goto(f"/login?ui_locales={locale}")
        if who:
            running.sign_in(page, who)
        for whose, name, path in PAGES:
            if whose == who:
                page.goto(path)
                assert page.locator("html").get_attribute("lang") == locale
                assert page.locator("h1").count() == 1
                found[name] = accessible(page)
        context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("locale", ["fi", "sv", "en"])
def test_every_page_on_the_way_is_accessible_too(
    running: Demo, browser: Browser, locale: str, width: int
) -> None:
    found = {}
    for name, journey in JOURNEYS.items():
        context = running.context(browser, locale, width=width)
        page = context.new_page()
        page.goto(f"/login?ui_locales={locale}")
        journey(running, page)
        speak(page, locale)
        assert page.locator("h1").count() == 1
        found[name] = accessible(page)
        context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def speak(page: Page, locale: str) -> None:
    """Change the language where a person's own is another one than the browser's."""
    if page.locator("html").get_attribute("lang") != locale:
        page.locator(f".languages a[hreflang={locale}]").click()
    expect(page.locator("html")).to_have_attribute("lang", locale)


@pytest.mark.parametrize("name", ["setup-link-dead", "sso-unknown", "error", "sso-refused"])
def test_m16_a_refusal_names_whom_to_contact_and_a_reference(
    running: Demo, browser: Browser, name: str
) -> None:
    context = running.context(browser, "fi")
    page = context.new_page()
    if name in JOURNEYS:
        JOURNEYS[name](running, page)
    else:
        page.goto(ANYBODYS[name])
    expect(page.locator("main [data-reference]")).not_to_be_empty()
    expect(page.locator("main")).to_contain_text(re.compile("pääkäyttäjään|IT-tukeen"))
    assert page.locator("main .form-actions a").count() > 0
    context.close()


@pytest.mark.parametrize("journey", [consent, device])
def test_a_keyboard_alone_answers_what_a_client_or_a_device_asks(
    running: Demo, browser: Browser, journey: Journey
) -> None:
    context = running.context(browser, "fi")
    page = context.new_page()
    journey(running, page)
    focus(page, "button[name=allow]")
    focus(page, "button[name=refuse]")
    page.keyboard.press("Enter")
    expect(page.locator("button[name=refuse]")).to_have_count(0)
    context.close()


def test_dark_mode_is_as_readable_as_light(running: Demo, browser: Browser) -> None:
    context = running.context(browser, "fi")
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    running.sign_in(page, AINO)
    for path in AINOS.values():
        page.goto(path)
        assert accessible(page) == []
    context.close()


def test_the_whole_journey_works_without_scripts(running: Demo, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fi")
    page = context.new_page()
    page.goto(running.portal)
    page.get_by_role("link", name="Kirjaudu").or_(
        page.get_by_role("button", name="Kirjaudu")
    ).first.click()
    page.get_by_label("Käyttäjätunnus").fill(MIKKO)
    page.get_by_label("Salasana", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Kirjaudu").click()
    expect(page.get_by_text("Mikko Laine").first).to_be_visible()
    assert page.url.startswith(running.portal)
    context.close()


def test_m14_m15_a_keyboard_alone_signs_in_edits_the_profile_and_signs_out(
    running: Demo, browser: Browser
) -> None:
    context = running.context(browser, "fi")
    page = context.new_page()
    page.goto("/login")
    focus(page, "#username")
    page.keyboard.type(MIKKO)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{running.portal}/**")
    page.goto("/account/profile")
    focus(page, "#title")
    page.keyboard.press("Control+A")
    page.keyboard.type("Laatupäällikkö")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("#title")).to_have_value("Laatupäällikkö")
    focus(page, "details.name-menu summary")
    page.keyboard.press("Enter")
    focus(page, "details.name-menu button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("kirjautunut ulos")
    context.close()


@pytest.mark.parametrize(
    ("slug", "who", "source"),
    [
        (federated.SLUG, "Kaarina Salo", "Lehtolan kirjautuminen"),
        (saml_federated.SLUG, "Helmi Rinne", "Rinnekodin kirjautuminen"),
    ],
)
def test_m10_m12_m15_both_organizations_with_single_sign_on_are_walked_there_and_back(
    running: Demo, browser: Browser, slug: str, who: str, source: str
) -> None:
    context = running.context(browser, "fi")
    page = context.new_page()
    chosen = page.get_by_role("button", name=who)
    page.goto(f"/sso/{slug}")
    chosen.click()
    page.wait_for_url(f"{running.portal}/")
    expect(page.get_by_text(who).first).to_be_visible()
    page.goto(f"/sso/{slug}")
    page.wait_for_url(f"{running.portal}/")

    page.goto(f"{running.portal}/profile")
    expect(page.locator("#email")).to_have_attribute("readonly", "")
    expect(page.locator("#email-why")).to_contain_text(f"({source})")

    page.locator("details.person summary").click()
    page.locator("details.person button").click()
    page.wait_for_url(f"{running.portal}/signed-out**")
    page.goto(f"/sso/{slug}")
    expect(chosen).to_be_visible()
    context.close()


def focus(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and see that this shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{selector} shows no focus"
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_an_error_is_told_beside_its_field_and_at_the_top(running: Demo, browser: Browser) -> None:
    context = running.context(browser, "fi")
    page = context.new_page()
    page.goto("/login")
    page.get_by_role("button", name="Kirjaudu").click()
    field = page.get_by_label("Käyttäjätunnus")
    assert field.get_attribute("aria-invalid") == "true"
    described = (field.get_attribute("aria-describedby") or "").split()
    texts = [page.locator(f"#{name}").inner_text() for name in described]
    assert any("Kirjoita käyttäjätunnuksesi" in text for text in texts)
    assert accessible(page) == []
    context.close()
