"""Every deed can be read by the people it concerns, in their language."""

import re

import pytest

from idp.audit import Event
from idp.config import LOCALES
from idp.foundation.locale import text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_a_sentence_that_needs_no_more_than_two_names(
    event: Event, locale: str
) -> None:
    sentence = text(locale, f"audit.event.{event}")

    assert set(re.findall(r"%\((\w*)\)", sentence)) <= {"actor", "target"}
    assert sentence % {"actor": "Anna", "target": "Bertta"}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ["operator", "client", "system", "unknown"])
def test_whoever_has_no_name_is_called_something(kind: str, locale: str) -> None:
    assert text(locale, f"audit.actor.{kind}")


def test_an_event_is_named_by_its_subject_and_what_happened() -> None:
    assert [event for event in Event if not re.fullmatch(r"[a-z_]+(\.[a-z_]+){1,2}", event)] == []
