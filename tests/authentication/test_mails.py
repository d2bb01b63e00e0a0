"""What the mails say, in every language, and what they never do."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from idp.authentication import mails
from idp.config import LOCALES
from idp.foundation.mail import Message

WINTER = datetime(2025, 3, 4, 7, 15, tzinfo=UTC)
SUMMER = datetime(2025, 7, 31, 20, 59, tzinfo=UTC)
LINK = (
    "https://id.example.fi/link/aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)
NAME = 'Änna <script>alert("x")</script> & co'
ADDRESS = "anna@example.fi"


def password_link(
    locale: str,
    *,
    is_first: bool = False,
    organization_name: str | None = None,
    requested_at: datetime = WINTER,
    lifetime: timedelta = timedelta(hours=12),
    given_name: str = NAME,
) -> Message:
    return mails.password_link(
        locale,
        to=ADDRESS,
        given_name=given_name,
        username="anna.aalto",
        organization_name=organization_name,
        url=LINK,
        requested_at=requested_at,
        expires_at=requested_at + lifetime,
        is_first=is_first,
    )


def operator_activation(locale: str) -> Message:
    return mails.operator_activation(
        locale,
        to=ADDRESS,
        given_name=NAME,
        username="anna.aalto",
        url=LINK,
        requested_at=WINTER,
        expires_at=WINTER + timedelta(hours=12),
        support_contact="tuki@example.fi",
    )


def sso_hint(locale: str) -> Message:
    return mails.sso_hint(locale, to=ADDRESS, given_name=NAME, organizations={"Vanamo": LINK})


def email_confirmation(locale: str) -> Message:
    return mails.email_confirmation(
        locale,
        to=ADDRESS,
        url=LINK,
        requested_at=WINTER,
        expires_at=WINTER + timedelta(hours=12),
    )


def email_change_notice(locale: str) -> Message:
    return mails.email_change_notice(
        locale,
        to=ADDRESS,
        given_name=NAME,
        username="anna.aalto",
        new_email="uusi@example.fi",
        at=WINTER,
    )


def password_changed(locale: str) -> Message:
    return mails.password_changed(
        locale,
        to=ADDRESS,
        given_name=NAME,
        username="anna.aalto",
        at=WINTER,
        sign_in_url="https://id.example.fi/login",
    )


def username_changed(locale: str) -> Message:
    return mails.username_changed(
        locale,
        to=ADDRESS,
        given_name=NAME,
        before="anna.berg",
        after="anna.aalto",
        organization_name="Vanamo",
    )


def membership_added(locale: str) -> Message:
    return mails.membership_added(
        locale,
        to=ADDRESS,
        given_name=NAME,
        username="anna.aalto",
        organization_name="Vanamo",
        url=LINK,
    )


WITH_LINK: list[Callable[[str], Message]] = [
    password_link,
    operator_activation,
    sso_hint,
    email_confirmation,
    membership_added,
]
ALL = [*WITH_LINK, email_change_notice, password_changed, username_changed]

every_mail = pytest.mark.parametrize("mail", ALL)
every_locale = pytest.mark.parametrize("locale", LOCALES)


class Reader(HTMLParser):
    """Reads an HTML letter: its words, its tags, and every address in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.addresses: set[str] = set()
        self.language = ""
        self._is_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._is_style = tag == "style"
        values = dict(attrs)
        self.language = self.language or values.get("lang") or ""
        self.addresses |= {str(values[name]) for name in ("href", "src") if name in values}

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.words += data.split()

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False


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


# The password link (M4, M5)


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
