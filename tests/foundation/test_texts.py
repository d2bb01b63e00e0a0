"""Our texts in requests and templates."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import gettext, lazy_gettext, ngettext

from idp.config import LOCALES
from idp.foundation import locale
from idp.foundation.texts import current_locale, install

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
GREETING = 'msgid "greeting"\nmsgstr "{} %(name)s"\n\n'
MAILS = 'msgid "mails"\nmsgid_plural "mails"\nmsgstr[0] "%(num)s {}"\nmsgstr[1] "%(num)s {}"\n'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(locale, "_FOLDER", tmp_path)
    words = {"fi": ("Hei", "viesti", "viestiä"), "sv": ("Hej", "brev", "brev")}
    for language in LOCALES:
        hello, one, many = words.get(language, ("Hi", "mail", "mails"))
        (tmp_path / language).mkdir()
        text = HEADER + GREETING.format(hello) + MAILS.format(one, many)
        (tmp_path / language / "one.po").write_text(text, encoding="utf-8")
    locale.catalog.cache_clear()
    app = Flask(__name__)
    app.config["LANGUAGE"] = "fi"
    install(app, lambda: app.config["LANGUAGE"])
    yield app
    locale.catalog.cache_clear()


def test_a_template_speaks_the_language_of_its_request(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ _('greeting', name='Maija') }}") == "Hei Maija"
    app.config["LANGUAGE"] = "sv"
    with app.test_request_context():
        assert render_template_string("{{ _('greeting', name='Maija') }}") == "Hej Maija"
        assert current_locale() == "sv"


def test_what_fills_a_place_is_escaped(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string("{{ _('greeting', name=name) }}", name="<b>")
    assert page == "Hei &lt;b&gt;"


@pytest.mark.parametrize(("count", "text"), [(1, "1 viesti"), (3, "3 viestiä")])
def test_a_template_counts(app: Flask, count: int, text: str) -> None:
    with app.test_request_context():
        assert render_template_string("{{ ngettext('mails', 'mails', n) }}", n=count) == text
        assert ngettext("mails", "mails", count) == text


def test_forms_keep_a_key_until_somebody_reads_it(app: Flask) -> None:
    label = lazy_gettext("greeting", name="Maija")
    with app.test_request_context():
        assert str(label) == "Hei Maija"


@pytest.mark.parametrize("key", ["nobody.wrote.this", "greeting"])
def test_a_key_or_a_value_that_is_missing_is_never_shown(app: Flask, key: str) -> None:
    with app.test_request_context():
        with pytest.raises(KeyError):
            gettext(key)
        with pytest.raises(KeyError):
            render_template_string("{{ _(key) }}", key=key)


def test_a_template_tells_times_in_its_language(app: Flask) -> None:
    moment = datetime(2026, 6, 24, 9, 30, tzinfo=UTC)
    with app.test_request_context():
        page = render_template_string("{{ format_time(at) }} {{ format_date(at) }}", at=moment)
    assert page == "24.6.2026 klo 12.30 24.6.2026"


def test_outside_a_request_there_is_no_language_to_guess() -> None:
    with pytest.raises(RuntimeError):
        current_locale()
