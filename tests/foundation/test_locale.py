"""Which language a person reads, what it says, and times as the clocks of Finland show them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from idp.config import LOCALES
from idp.foundation import locale
from idp.foundation.locale import (
    NAMES,
    catalog,
    format_date,
    format_datetime,
    has_text,
    negotiate,
    translate,
    translate_plural,
)

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Catalogs of our own for one test."""
    monkeypatch.setattr(locale, "_FOLDER", tmp_path)
    for language in LOCALES:
        (tmp_path / language).mkdir()
    catalog.cache_clear()
    yield tmp_path
    catalog.cache_clear()


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(HEADER + text, encoding="utf-8")


def test_a_text_is_found_in_whichever_file_of_its_language_it_lies(folder: Path) -> None:
    write(folder, "fi/one.po", 'msgid "one.hello"\nmsgstr "Hei, %(name)s!"\n')
    write(folder, "fi/two.po", 'msgid "two.bye"\nmsgstr "Näkemiin"\n')
    assert translate("fi", "one.hello", name="Maija") == "Hei, Maija!"
    assert translate("fi", "two.bye") == "Näkemiin"
    assert has_text("one.hello")
    assert not has_text("one.bye")


@pytest.mark.parametrize("entry", ["", 'msgid "one.hello"\nmsgstr ""\n'])
def test_a_text_we_do_not_have_is_never_an_empty_one(folder: Path, entry: str) -> None:
    write(folder, "fi/one.po", entry)
    with pytest.raises(KeyError, match=r"one\.hello"):
        translate("fi", "one.hello")


def test_a_place_that_nothing_fills_is_a_mistake_and_not_shown(folder: Path) -> None:
    write(folder, "fi/one.po", 'msgid "one.hello"\nmsgstr "Hei, %(name)s!"\n')
    with pytest.raises(KeyError, match="name"):
        translate("fi", "one.hello")


def test_a_percent_sign_is_written_twice_in_every_text(folder: Path) -> None:
    write(folder, "fi/one.po", 'msgid "one.share"\nmsgstr "100 %%"\n')
    assert translate("fi", "one.share") == "100 %"


def test_a_broken_file_is_refused_and_not_half_read(folder: Path) -> None:
    write(folder, "fi/one.po", 'msgid "one.hello"\nmsgstr "Hei"\n\nthis is no catalog\n')
    with pytest.raises(PoFileError):
        translate("fi", "one.hello")


def test_a_language_we_do_not_speak_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError, match="de"):
        translate("de", "layout.sign_out")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 viestiä"), (1, "1 viesti"), (2, "2 viestiä"), (21, "21 viestiä")]
)
def test_one_is_said_otherwise_than_many(folder: Path, count: int, text: str) -> None:
    write(
        folder,
        "fi/one.po",
        'msgid "mails"\nmsgid_plural "mails"\n'
        'msgstr[0] "%(num)s viesti"\nmsgstr[1] "%(num)s viestiä"\n',
    )
    assert translate_plural("fi", "mails", count) == text


def test_a_placeholder_may_have_any_name(folder: Path) -> None:
    write(folder, "fi/one.po", 'msgid "one"\nmsgstr "%(key)s %(locale)s"\n')
    assert translate("fi", "one", key="avain", locale="kieli") == "avain kieli"


def test_every_language_says_the_same_word_its_own_way() -> None:
    signing_out = {language: translate(language, "layout.sign_out") for language in LOCALES}
    assert signing_out == {"fi": "Kirjaudu ulos", "sv": "Logga ut", "en": "Sign out"}


def test_every_language_is_called_by_its_own_name() -> None:
    assert NAMES == {"fi": "Suomi", "sv": "Svenska", "en": "English"}
    assert tuple(NAMES) == LOCALES


@pytest.mark.parametrize(
    ("ui_locales", "own", "accept_language", "language"),
    [
        ("sv", "en", "en", "sv"),
        ("se sv en", None, None, "sv"),
        ("sv-FI", None, None, "sv"),
        ("SV_fi", None, None, "sv"),
        ("de fr", "sv", "en", "sv"),
        ("", "sv", "en", "sv"),
        (None, "en", "sv", "en"),
        (None, "ru", "sv", "sv"),
        (None, None, "sv-FI,sv;q=0.9,fi;q=0.8,en;q=0.7", "sv"),
        (None, None, "en;q=0.3, sv;q=0.8, de", "sv"),
        (None, None, "de, *;q=0.5", "fi"),
        (None, None, "sv;q=0, en;q=0.1", "en"),
        (None, None, "sv;q=0", "fi"),
        (None, None, "sv;q=nonsense", "fi"),
        (None, None, "english", "fi"),
        (None, None, "", "fi"),
        (None, None, None, "fi"),
        ("%00 \x00 ../../etc", "", ",;=,;", "fi"),
    ],
)
def test_the_language_is_what_the_client_the_person_or_the_browser_asked_in_that_order(
    ui_locales: str | None, own: str | None, accept_language: str | None, language: str
) -> None:
    assert negotiate(ui_locales, own, accept_language, "fi") == language


def test_the_default_decides_where_nobody_asked() -> None:
    assert negotiate(None, None, None, "sv") == "sv"


@pytest.mark.parametrize(
    ("language", "moment", "day"),
    [
        ("fi", "3.9.2026 klo 0.05", "3.9.2026"),
        ("sv", "3.9.2026 kl. 0.05", "3.9.2026"),
        ("en", "3 Sept 2026, 00:05", "3 Sept 2026"),
    ],
)
def test_times_are_told_by_the_clocks_of_finland(language: str, moment: str, day: str) -> None:
    summer_night = datetime(2026, 9, 2, 21, 5, tzinfo=UTC)
    assert format_datetime(language, summer_night) == moment
    assert format_date(language, summer_night) == day


def test_winter_time_is_two_hours_from_utc() -> None:
    assert format_datetime("fi", datetime(2026, 1, 31, 22, 30, tzinfo=UTC)) == "1.2.2026 klo 0.30"
