"""`python -m tests.screenshots [FOLDER]`: pictures of the main pages, into docs/screenshots."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from idp.pages.connection.products import offered
from tests.demo_journeys import JOURNEYS
from tests.demo_pages import AINO, AINOS, ANYBODYS, OPERATOR, Demo, demo
from tests.servers.browser import chromium

WIDTHS = {"phone": 390, "desktop": 1280}
LOCALES = ("fi", "sv", "en")
KEPT = "fi"
"""The language whose pictures the docs keep; a folder of one's own gets all."""
MAIN = ("consent", "device", "signed-out", "it-test", "it-rules", "it-switch")
"""The journeys whose ends the docs show."""
LEFT_OUT = (
    *("device-code", "nobody-here", "setup-link-dead", "sso-unknown", "applications"),
    "connection-guide",
)
"""Pages that the docs do without."""
GUIDES = {
    f"guide-{product.slug}": f"/organization/metsola/connection/new/{product.id}"
    for product in offered()
}
"""What the IT person's page says of each product, beside that product's page in the docs."""


def shoot(running: Demo, browser: Browser, folder: Path, locale: str, device: str) -> None:
    """Every page in one language and width."""
    guides = GUIDES if device == "desktop" else {}
    for who, pages in (
        ("", ANYBODYS),
        (AINO, AINOS | guides),
        (OPERATOR, {"operations": "/operations"}),
    ):
        context = running.context(browser, locale, width=WIDTHS[device])
        page = context.new_page()
        page.goto(f"/login?ui_locales={locale}")
        if who:
            running.sign_in(page, who)
        for name, path in pages.items():
            if name in LEFT_OUT:
                continue
            page.goto(f"{path}{'&' if '?' in path else '?'}ui_locales={locale}")
            page.screenshot(path=folder / f"{name}-{locale}-{device}.png", full_page=True)
        context.close()


def shoot_journeys(running: Demo, browser: Browser, folder: Path, locale: str, device: str) -> None:
    """Where the main journeys end."""
    for name in MAIN:
        context = running.context(browser, locale, width=WIDTHS[device])
        page = context.new_page()
        page.goto(f"/login?ui_locales={locale}")
        JOURNEYS[name](running, page)
        page.screenshot(path=folder / f"{name}-{locale}-{device}.png", full_page=True)
        context.close()


def main(arguments: list[str]) -> None:
    """Take every picture."""
    locales = LOCALES if arguments else (KEPT,)
    folder = Path(arguments[0] if arguments else "docs/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, demo(Path(data)) as running, chromium() as browser:
        for locale in locales:
            for device in WIDTHS:
                shoot(running, browser, folder, locale, device)
                shoot_journeys(running, browser, folder, locale, device)


if __name__ == "__main__":
    main(sys.argv[1:])
