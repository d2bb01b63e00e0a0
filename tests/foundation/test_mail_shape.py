"""Whatever is typed, a mail has one recipient, one subject and the two texts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation import mail
from idp.foundation.outbox import Bounced
from tests.foundation.mailing import ANNA, SENDER, mailer, message, spooled
from tests.servers.smtp import SmtpServer


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.fi\r\nBcc: eve@example.fi",
        "anna@example.fi\nRCPT TO:<eve@example.fi>",
        "anna@example.fi, eve@example.fi",
        "anna@example.fi> <eve@example.fi",
        "Anna <anna@example.fi>",
        '"anna\r\n"@example.fi',
        "anna@eve@example.fi",
        "=?utf-8?q?anna=0D=0ABcc=3Aeve?=@example.fi",
        "änna@example.fi",
        "anna@exämple.fi",
        "anna",
        "@example.fi",
        "",
    ],
)
def test_what_is_not_one_plain_address_bounces_before_anything_is_sent(
    smtp: SmtpServer, address: str
) -> None:
    with pytest.raises(Bounced):
        mailer(smtp.url).send(message(to=address), item_id="1")

    assert smtp.deliveries() == []


def test_an_id_that_breaks_out_of_its_header_or_folder_is_our_mistake(tmp_path: Path) -> None:
    for item_id in ("1>\r\nBcc: eve@example.fi", "../1", ""):
        with pytest.raises(ValueError, match="id"):
            mailer(f"file:{tmp_path}").send(message(), item_id=item_id)


@pytest.mark.parametrize(
    "typed",
    [
        "Hei\r\nBcc: eve@example.fi",
        "Hei\nBcc: eve@example.fi",
        "Hei\r\n\r\n<script>alert(1)</script>",
        "Hei\u2028Bcc: eve@example.fi",
        "Hei =?utf-8?q?=0D=0ABcc=3A_eve=40example=2Efi?=",
    ],
)
def test_a_subject_or_name_cannot_become_a_header(smtp: SmtpServer, typed: str) -> None:
    mailer(smtp.url, name=typed).send(message(subject=typed), item_id="1")

    [delivery] = smtp.deliveries()
    assert delivery.recipients == (ANNA,)
    assert "Bcc" not in delivery.message
    assert str(delivery.message["From"]).endswith(f"<{SENDER}>")
    assert delivery.text.strip() == "Hei Anna"


def test_a_text_cannot_end_its_message(smtp: SmtpServer) -> None:
    text = "Hei\r\n.\r\nMAIL FROM:<eve@example.fi>\r\n..\n.\n--=_1--\nloppu"
    mailer(smtp.url).send(message(text=text), item_id="1")

    [delivery] = smtp.deliveries()
    assert delivery.text.splitlines() == text.splitlines()


@given(subject=st.text(max_size=400), text=st.text(max_size=400))
def test_whatever_is_typed_the_message_keeps_its_shape(
    tmp_path_factory: pytest.TempPathFactory, subject: str, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "shape"
    mailer(f"file:{folder}").send(message(subject=subject, text=text), item_id="one")

    [written] = spooled(folder)
    assert written.keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
    ]
    assert written["Subject"] == mail.on_one_line(subject).replace("=?", "= ?")
    assert [part.get_content_type() for part in written.walk()][1:] == ["text/plain", "text/html"]
