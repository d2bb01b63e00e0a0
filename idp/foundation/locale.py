"""The language of a person: which one, its texts by key, its way of writing times.

Texts lie in ``idp/translations/<language>/*.po``, one file an area, merged; the msgid is a key
(``login.submit``). Every key exists in every language, so a missing one is our mistake: KeyError.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from babel.dates import format_datetime as babel_datetime
from babel.dates import get_timezone
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from idp.config import LOCALES

NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
"""What each language calls itself."""

_FOLDER = Path(__file__).parents[1] / "translations"
_TIMEZONE = get_timezone("Europe/Helsinki")
_REGIONS = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}
_DATES = {"fi": "d.M.y", "sv": "d.M.y", "en": "d MMM y"}
_MOMENTS = {"fi": "d.M.y 'klo' H.mm", "sv": "d.M.y 'kl.' H.mm", "en": "d MMM y, HH:mm"}

_Catalog = Mapping[str, tuple[str, ...]]


def translate(locale: str, key: str, /, **params: object) -> str:
    """The text of ``key`` with its ``%(name)s`` places filled; KeyError where we have no such text.

    Every text is a format: a percent sign in it is written ``%%``.
    """
    return text(locale, key) % params


def translate_plural(locale: str, key: str, num: int, /, **params: object) -> str:
    """The form of ``key`` for ``num`` things, which the text may name as ``%(num)s``."""
    return text(locale, key, num) % {"num": num, **params}


def text(locale: str, key: str, num: int = 1) -> str:
    """The text with its places unfilled; in all our languages 1 is one and all else is many."""
    forms = catalog(locale)[key]
    return forms[0] if num == 1 else forms[-1]


def has_text(key: str) -> bool:
    """Whether there is such a text: for keys made from another server's error code."""
    return key in catalog(LOCALES[0])


@cache
def catalog(locale: str) -> _Catalog:
    """All texts of a language, each with its forms, read at first use; an empty one is missing."""
    if locale not in LOCALES:
        raise KeyError(locale)
    texts: dict[str, tuple[str, ...]] = {}
    for path in sorted((_FOLDER / locale).glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=locale, abort_invalid=True)
        for message in messages:
            key = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string or ""
            forms = (string,) if isinstance(string, str) else tuple(string)
            if key and all(forms):
                texts[key] = forms
    return texts


def negotiate(
    ui_locales: str | None, own: str | None, accept_language: str | None, default: str
) -> str:
    """The language of a page: what the client asked, the person's own, the browser's, the default.

    ``ui_locales`` is OpenID Connect's list, best first (Core section 3.1.2.1); ``accept_language``
    the header's value. ``sv-FI`` means ``sv``; what we do not speak is passed over.
    """
    asked = (ui_locales or "").split()
    header = parse_accept_header(accept_language, LanguageAccept)
    accepted = [tag for tag, quality in header if quality > 0]
    spoken = (_spoken(tag) for tag in (*asked, own or "", *accepted))
    return next((language for language in spoken if language), default)


def format_datetime(locale: str, instant: datetime, /) -> str:
    """A moment to the minute, by the clocks of Finland."""
    return _format(locale, instant, _MOMENTS[locale])


def format_date(locale: str, instant: datetime, /) -> str:
    """The day of a moment in Finland."""
    return _format(locale, instant, _DATES[locale])


def _format(locale: str, instant: datetime, pattern: str) -> str:
    return babel_datetime(instant, pattern, tzinfo=_TIMEZONE, locale=_REGIONS[locale])


def _spoken(tag: str) -> str | None:
    language = tag.replace("_", "-").split("-")[0].lower()
    return language if language in LOCALES else None
