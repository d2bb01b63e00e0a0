"""The settings that say how mail leaves."""

import pytest

from idp.config import Mail
from idp.errors import ConfigurationError
from idp.foundation import mail
from idp.foundation.mail import Mailer
from tests.foundation.mailing import mailer, message


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "smtp://mail.example.fi:port",
        "smtp://mail.example.fi:70000",
        "smtp://mail.example.fi/path",
        "smtps://mail.example.fi?tls=no",
        "smtp://[::1",
    ],
)
def test_an_address_of_no_mail_server_is_a_mistake_in_the_settings(url: str) -> None:
    with pytest.raises(ConfigurationError) as mistake:
        mailer(url)

    assert set(mistake.value.problems) == {"mail.url"}


def test_a_sender_beyond_ascii_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigurationError) as mistake:
        Mailer.from_settings(Mail(url="smtp://localhost", sender="älä@example.fi"))

    assert set(mistake.value.problems) == {"mail.sender"}


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("smtp://localhost", 25),
        ("smtp://user:secret@localhost", 587),
        ("smtps://localhost", 465),
        ("smtp://localhost:2525", 2525),
    ],
)
def test_each_way_has_its_usual_port(url: str, port: int) -> None:
    assert mail.Smtp.from_url(url, helo="example.fi").port == port


def test_neither_passwords_nor_letters_show_in_a_repr() -> None:
    assert "secret" not in repr(mail.Smtp.from_url("smtp://user:secret@localhost", helo="x.fi"))
    assert "Hei Anna" not in repr(message())
