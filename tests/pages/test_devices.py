"""What browsers say of themselves, as people call it: headers as real browsers send them."""

import pytest

from idp.pages.account.devices import describe

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/137.0.0.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 15; SM-S931B) {BLINK}"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {WEBKIT}"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT}"


@pytest.mark.parametrize(
    ("name", "user_agent"),
    [
        ("Chrome, Windows", WINDOWS),
        ("Edge, Windows", f"{WINDOWS} Edg/137.0.0.0"),
        ("Opera, Windows", f"{WINDOWS} OPR/120.0.0.0"),
        ("Safari, Mac", f"{MAC} Version/18.5 Safari/605.1.15"),
        ("Safari, iPhone", f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1"),
        ("Chrome, iPhone", f"{IPHONE} CriOS/137.0.7151.79 Mobile/15E148 Safari/604.1"),
        ("Firefox, iPhone", f"{IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15"),
        ("Chrome, Android", f"{ANDROID} Chrome/137.0.0.0 Mobile Safari/537.36"),
        (
            "Samsung Internet, Android",
            f"{ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        ),
        (
            "Firefox, Android",
            "Mozilla/5.0 (Android 15; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0",
        ),
        (
            "Firefox, Linux",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        ),
        ("Windows", "Something on Windows"),
        ("", "curl/8.14.1"),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(name: str, user_agent: str) -> None:
    assert describe(user_agent) == name
