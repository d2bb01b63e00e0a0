"""The languages at the top of every page, each a link to this same page."""

from collections.abc import Iterable
from urllib.parse import urlencode

from idp.config import LOCALES
from idp.foundation.locale import NAMES


def language_links(
    parameters: Iterable[tuple[str, str]], current: str
) -> list[tuple[str, str, str]]:
    """(code, name, address) of the two others; ``parameters`` are those of the page's query."""
    kept = [(name, value) for name, value in parameters if name != "ui_locales"]
    return [
        (code, NAMES[code], "?" + urlencode([*kept, ("ui_locales", code)]))
        for code in LOCALES
        if code != current
    ]
