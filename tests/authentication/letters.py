"""Every mail that an account gets, with given values."""

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
