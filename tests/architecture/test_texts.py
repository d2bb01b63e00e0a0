"""Finnish, Swedish and English are complete, agree with one another, and hold nothing unused."""

from collections import Counter
from functools import cache

import pytest

from tests.architecture.texts import (
    GAP,
    Text,
    Uses,
    catalog,
    fillings_of,
    used_in_python,
    used_in_template,
)
from tests.architecture.tree import files_in, read

LOCALES = ("fi", "sv", "en")


@cache
def uses() -> Uses:
    """What the product asks for."""
    found = Uses()
    for path in files_in("idp", ".py"):
        found.add(used_in_python(read(path)))
    for path in files_in("idp/templates", ".html", ".txt", ".xml"):
        found.add(used_in_template(read(path)))
    return found


def by_key(locale: str) -> dict[str, Text]:
    return {text.key: text for text in catalog(locale)}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_that_is_asked_for_exists(locale: str) -> None:
    keys = by_key(locale)
    missing = {
        pattern.replace(GAP, "…")
        for pattern in uses().asked
        if not any(fillings_of(pattern, key) is not None for key in keys)
    }
    assert missing == set()


def test_no_text_is_unused() -> None:
    assert uses().unused(by_key("fi")) == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_every_text(locale: str) -> None:
    everywhere = {key for other in LOCALES for key in by_key(other)}
    assert everywhere - by_key(locale).keys() == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_no_key_stands_twice(locale: str) -> None:
    counted = Counter(text.key for text in catalog(locale))
    assert {key: times for key, times in counted.items() if times > 1} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_empty_or_fuzzy(locale: str) -> None:
    unready = [
        text.key
        for text in catalog(locale)
        if text.is_fuzzy or not text.forms or not all(form.strip() for form in text.forms)
    ]
    assert unready == []


def test_a_text_stands_in_the_same_file_in_every_language() -> None:
    placed = {
        (text.key, text.file.rpartition("/")[2]) for locale in LOCALES for text in catalog(locale)
    }
    assert {key for key, times in Counter(key for key, _ in placed).items() if times > 1} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_languages_leave_the_same_places_open(locale: str) -> None:
    finnish = by_key("fi")
    different = {
        key: (set(text.places), set(finnish[key].places))
        for key, text in by_key(locale).items()
        if key in finnish and text.places != finnish[key].places
    }
    assert different == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_with_forms_has_both_in_every_language(locale: str) -> None:
    counts = {key: len(text.forms) for key, text in by_key("fi").items()}
    different = {
        key: (len(text.forms), counts[key])
        for key, text in by_key(locale).items()
        if key in counts and len(text.forms) != counts[key]
    }
    assert different == {}


def test_the_keys_of_a_module_are_found() -> None:
    found = used_in_python(
        """
x = gettext("login.submit")
y = translate(locale, "mail.subject", name=n)
z = Field(label="profile.title")
e = text(locale, f"error.{code}.title")
f = "fate." + state
n = f"https://{host}/a.b"
m = "not a key."
"""
    )
    assert found.asked == {"login.submit", "mail.subject", f"error.{GAP}.title"}
    assert found.mentioned - found.asked == {"profile.title", f"fate.{GAP}"}


def test_the_keys_of_a_template_are_found() -> None:
    found = used_in_template(
        """
{{ _("login.submit") }} {{ ngettext('people.count', "people.count", n) }}
{{ field("profile.title") }} {{ _("error." ~ code ~ ".title") }} {{ _("fate." + state) }}
{{ _("tab.%s" % name) }} <a href="/a.b">login.text</a>
"""
    )
    assert found.asked == {
        *("login.submit", "people.count"),
        *(f"error.{GAP}.title", f"fate.{GAP}", f"tab.{GAP}"),
    }
    assert found.mentioned - found.asked == {"profile.title"}


def test_a_pattern_makes_the_keys_that_fit_it_and_no_others() -> None:
    assert fillings_of(f"error.{GAP}.title", "error.link_dead.title") == ("link_dead",)
    assert fillings_of(f"error.{GAP}.title", "error..title") is None
    assert fillings_of(f"error.{GAP}.title", "error.link_dead.text") is None
    assert fillings_of("error.busy.title", "error.busy.title") == ()


def test_a_key_whose_filling_nobody_says_is_unused() -> None:
    found = used_in_python('raise Refused("busy")\nx = f"error.{code}.title"\n')
    assert found.unused(["error.busy.title", "error.idle.title"]) == {"error.idle.title"}


def test_a_filling_may_be_made_itself() -> None:
    found = used_in_python('kind = "link.first"\nx = say(f"{kind}.sent")\ny = f"mail.{x}"\n')
    made = "mail.link.first.sent"
    others = {"mail.link.second.sent", "mail.link.first.lost"}
    assert found.unused({made, *others}) == others


def test_the_places_of_a_text_are_found() -> None:
    text = Text(key="k", file="f", forms=("%(name)s, 100 %%", "%(num)d: %(at)s"), is_fuzzy=False)
    assert text.places == {"name", "at"}
