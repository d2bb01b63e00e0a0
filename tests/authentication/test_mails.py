"""What the mails say, in every language, and what they never do."""

import re
from collections.abc import Callable

import pytest

from idp.config import LOCALES
from idp.foundation.mail import Message
from tests.authentication.letters import (
    ADDRESS,
    LINK,
    WITH_LINK,
    Reader,
    every_locale,
    every_mail,
    password_link,
)


@every_mail
@every_locale
def test_text_and_html_say_the_same_words(mail: Callable[[str], Message], locale: str) -> None:
    message = mail(locale)
    read = Reader(message.html)

    # In the text a fact's name ends with a colon, in HTML it stands in a line of its own.
    assert {word.rstrip(":") for word in message.text.split()} <= {
        word.rstrip(":") for word in read.words
    }


@every_mail
@every_locale
def test_each_language_has_its_own_words_without_unfilled_places(
    mail: Callable[[str], Message], locale: str
) -> None:
    message = mail(locale)

    assert "%" not in message.subject + message.text
    assert Reader(message.html).language == message.locale == locale
    others = [mail(other).subject for other in LOCALES if other != locale]
    assert message.subject not in others


@every_mail
def test_what_people_are_called_is_text_and_nothing_else(mail: Callable[[str], Message]) -> None:
    read = Reader(mail("fi").html)

    assert "script" not in read.tags


@every_mail
def test_a_mail_fetches_nothing_and_leads_nowhere_but_to_its_own_link(
    mail: Callable[[str], Message],
) -> None:
    html = mail("fi").html

    assert Reader(html).addresses == ({LINK} if mail in WITH_LINK else set())
    assert not re.search(r"url\(|@import|<img|<link|<iframe|<form|background=", html)


@every_mail
def test_a_mail_goes_to_the_address_given_and_says_that_nobody_asks_for_the_password(
    mail: Callable[[str], Message],
) -> None:
    assert mail("fi").to == ADDRESS
    assert "Kukaan ei koskaan kysy salasanaasi, emme mekään." in mail("fi").text
    assert "Ingen frågar någonsin efter ditt lösenord" in mail("sv").text
    assert "Nobody ever asks for your password" in mail("en").text


@pytest.mark.parametrize("mail", WITH_LINK)
def test_the_link_stands_alone_on_its_line(mail: Callable[[str], Message]) -> None:
    assert LINK in mail("fi").text.splitlines()


@pytest.mark.parametrize(
    "name", ["Anna\r\n\r\nKlikkaa: https://paha.example", "Anna\u2028x\u202ey"]
)
def test_a_name_stays_on_its_line(name: str) -> None:
    greeting = password_link("fi", given_name=name).text.splitlines()[0]

    assert greeting.startswith("Hei Anna ")
    assert greeting.endswith(",")
    assert greeting.isprintable()


def test_an_endless_name_is_cut() -> None:
    assert len(password_link("fi", given_name="A" * 100_000).text) < 2000
