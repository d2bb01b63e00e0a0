"""What each mail tells."""

import re
from datetime import datetime, timedelta

import pytest

from idp.authentication import mails
from tests.authentication.letters import (
    ADDRESS,
    SUMMER,
    WINTER,
    Reader,
    email_change_notice,
    email_confirmation,
    every_locale,
    operator_activation,
    password_changed,
    password_link,
    username_changed,
)


@pytest.mark.parametrize(
    ("locale", "requested_at", "end"),
    [
        ("fi", WINTER, "4.3.2025 klo 21.15"),
        ("sv", WINTER, "4.3.2025 kl. 21.15"),
        ("en", WINTER, "4 Mar 2025, 21:15"),
        ("fi", SUMMER, "1.8.2025 klo 11.59"),
    ],
)
def test_the_link_says_that_it_works_twelve_hours_and_until_when_in_finland(
    locale: str, requested_at: datetime, end: str
) -> None:
    text = password_link(locale, requested_at=requested_at).text

    assert end in text
    assert re.search(r"12 (tuntia|timmar|hours)", text)


@pytest.mark.parametrize(
    ("lifetime", "said"),
    [
        (timedelta(hours=1), "voimassa 1 tunnin,"),
        (timedelta(hours=24), "voimassa 24 tuntia,"),
        (timedelta(minutes=90), "voimassa 90 minuuttia,"),
        (timedelta(minutes=1), "voimassa 1 minuutin,"),
    ],
)
def test_another_lifetime_is_said_as_it_is(lifetime: timedelta, said: str) -> None:
    assert said in password_link("fi", lifetime=lifetime).text


@every_locale
def test_first_and_forgotten_password_are_one_letter_with_other_words(locale: str) -> None:
    first = password_link(locale, is_first=True)
    again = password_link(locale, is_first=False)

    assert Reader(first.html).tags == Reader(again.html).tags
    assert without_words(first.html) == without_words(again.html)
    assert len(first.text.splitlines()) == len(again.text.splitlines())
    assert first.subject != again.subject


def without_words(html: str) -> str:
    """The HTML with the texts between its tags taken out."""
    return re.sub(r">[^<]+<", "><", html)


@every_locale
def test_the_password_link_tells_the_username_whom_to_ask_and_what_to_do_if_unexpected(
    locale: str,
) -> None:
    text = password_link(locale, is_first=True, organization_name="Vanamo Oy").text

    assert "anna.aalto" in text
    assert "Vanamo Oy" in text
    assert re.search("pääkäyttäjään|huvudanvändare|main user", text)
    assert re.search("jättää sen huomiotta|bortse från det|ignore it", text)


@every_locale
def test_an_operator_is_told_to_ask_the_support(locale: str) -> None:
    assert "tuki@example.fi" in operator_activation(locale).text


# The others


def test_every_organization_with_its_own_sign_in_has_its_link() -> None:
    organizations = {
        "Vanamo": "https://id.example.fi/sso/vanamo",
        "Lumme": "https://id.example.fi/sso/lumme",
    }
    message = mails.sso_hint("fi", to=ADDRESS, given_name="Anna", organizations=organizations)

    assert set(organizations.values()) <= set(message.text.splitlines())
    assert Reader(message.html).addresses == set(organizations.values())


@every_locale
def test_a_confirmation_that_may_reach_a_stranger_names_nobody(locale: str) -> None:
    assert email_confirmation(locale).text.splitlines()[0] in ("Hei,", "Hej!", "Hello,")


def test_the_present_address_is_told_of_the_new_one_and_when_it_was_given() -> None:
    text = email_change_notice("fi").text

    assert "uusi@example.fi" in text
    assert "4.3.2025 klo 9.15" in text


def test_word_of_a_new_password_says_when_and_how_to_undo_it() -> None:
    text = password_changed("fi").text

    assert "4.3.2025 klo 9.15" in text
    assert "https://id.example.fi/login" in text


def test_word_of_a_new_username_says_both() -> None:
    text = username_changed("fi").text

    assert "anna.berg" in text
    assert "anna.aalto" in text
