"""Our catalogs in requests and templates: ``_("login.submit")`` through flask-babel.

In a template a text is markup and what fills its places is escaped.
"""

from collections.abc import Callable
from datetime import datetime

from babel.support import NullTranslations
from flask import Flask
from flask_babel import Babel, Domain, get_locale

from idp.foundation.locale import (
    format_date,
    format_datetime,
    text,
    translate,
    translate_plural,
)


def install(app: Flask, select_locale: Callable[[], str]) -> None:
    """Teach ``app`` our texts; ``select_locale`` says the language of the request at hand.

    Templates get ``_``, ``gettext`` and ``ngettext`` (key twice, then the number, which the text
    may name as ``%(num)s``), ``format_time`` and ``format_date``.
    """
    _Babel(app, locale_selector=select_locale)  # type: ignore[no-untyped-call]
    app.jinja_env.globals.update(format_time=_format_time, format_date=_format_date)


def current_locale() -> str:
    """The language of the request at hand; RuntimeError outside one."""
    locale = get_locale()
    if locale is None:
        raise RuntimeError("no request, so no language: use idp.foundation.locale")
    return str(locale.language)


class _Texts(NullTranslations):
    """A language's catalog in gettext's shape."""

    def __init__(self, locale: str) -> None:
        super().__init__()
        self._locale = locale

    def ugettext(self, message: str) -> str:
        return text(self._locale, message)

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        return text(self._locale, singular, num)


class _Domain(Domain):
    """Takes the texts from our catalogs instead of compiled files."""

    def get_translations(self) -> NullTranslations:
        return _Texts(current_locale())

    def gettext(self, string: str, **variables: object) -> str:
        # Flask-Babel would show the places of a text as they are if nothing came to fill them.
        return translate(current_locale(), string, **variables)

    def ngettext(self, singular: str, plural: str, num: int, **variables: object) -> str:
        return translate_plural(current_locale(), singular, num, **variables)


class _Babel(Babel):
    """Flask-Babel with our domain, its own formats of times and numbers left out."""

    domain_instance = _Domain()  # type: ignore[no-untyped-call]


def _format_time(instant: datetime) -> str:
    return format_datetime(current_locale(), instant)


def _format_date(instant: datetime) -> str:
    return format_date(current_locale(), instant)
