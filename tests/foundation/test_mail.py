"""A mail goes to exactly one address, whole, and says what it was told to say."""

import stat
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st

from idp.config import Mail
from idp.errors import ConfigurationError
from idp.foundation import mail, outbox
from idp.foundation.clock import shifted
from idp.foundation.database import Database
from idp.foundation.mail import Mailer, Message
from idp.foundation.outbox import Bounced, Item, Retry, Worker
from idp.foundation.outbox_queue import LEASE
from tests.foundation.mail_servers import PASSWORD, USERNAME, Received, certificate, serving
from tests.servers.ports import free_port
from tests.servers.smtp import SmtpServer

SENDER = "noreply@laatuportti.example.fi"
ANNA = "Anna.Aalto+portti@Example.FI"


def message(to: str = ANNA, subject: str = "Luo salasanasi", text: str = "Hei Anna") -> Message:
    return Message(to=to, subject=subject, text=text, html=f"<p>{text}</p>", locale="fi")


def mailer(url: str, *, name: str = "Laatuportti", ca_file: str = "") -> Mailer:
    return Mailer.from_settings(Mail(url=url, sender=SENDER, sender_name=name), ca_file=ca_file)


def spooled(folder: Path) -> list[EmailMessage]:
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


# By SMTP


def test_a_mail_arrives_with_all_that_marks_it_as_ours(smtp: SmtpServer) -> None:
    sent = message(text="Hei Änna,\n\nhttps://id.example.fi/link/" + "x" * 200)
    mailer(smtp.url).send(sent, item_id="abc-DEF_1")

    [delivery] = smtp.deliveries()
    assert (delivery.sender, delivery.recipients) == (SENDER, (ANNA,))
    headers = delivery.message
    assert headers["From"] == f"Laatuportti <{SENDER}>"
    assert headers["To"] == ANNA
    assert headers["Subject"] == "Luo salasanasi"
    assert headers["Message-ID"] == "<abc-DEF_1@laatuportti.example.fi>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Content-Language"] == "fi"
    assert headers["Date"].datetime.tzinfo is not None
    assert delivery.text.splitlines() == sent.text.splitlines()
    assert delivery.html.splitlines() == sent.html.splitlines()


def test_the_text_comes_before_the_html_so_that_the_html_is_preferred(smtp: SmtpServer) -> None:
    mailer(smtp.url).send(message(), item_id="1")

    [delivery] = smtp.deliveries()
    assert delivery.message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in delivery.message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]


@pytest.mark.parametrize("reply", ["550 5.1.1 No such user", "553 5.1.3 Bad mailbox"])
def test_a_recipient_refused_for_good_bounces_in_the_servers_words(
    smtp: SmtpServer, reply: str
) -> None:
    smtp.replies[ANNA] = reply

    with pytest.raises(Bounced) as refusal:
        mailer(smtp.url).send(message(), item_id="1")

    assert refusal.value.problem == reply


@pytest.mark.parametrize("reply", ["450 4.2.0 Greylisted", "421 4.3.2 Shutting down"])
def test_a_recipient_refused_for_now_is_for_later(smtp: SmtpServer, reply: str) -> None:
    smtp.replies[ANNA] = reply

    with pytest.raises(Retry) as refusal:
        mailer(smtp.url).send(message(), item_id="1")

    assert refusal.value.problem == reply


def test_a_message_refused_after_its_text_bounces_or_waits_as_its_code_says(
    smtp: SmtpServer,
) -> None:
    smtp.reply_to_data = "554 5.7.1 Looks like spam"
    with pytest.raises(Bounced) as refusal:
        mailer(smtp.url).send(message(), item_id="1")
    assert refusal.value.problem == "554 5.7.1 Looks like spam"

    smtp.reply_to_data = "452 4.3.1 Disk full"
    with pytest.raises(Retry):
        mailer(smtp.url).send(message(), item_id="1")


def test_a_server_that_is_away_is_for_later(smtp: SmtpServer) -> None:
    smtp.stop()

    with pytest.raises(Retry) as trouble:
        mailer(smtp.url).send(message(), item_id="1")

    assert str(smtp.port) in trouble.value.problem


def test_a_server_that_does_not_answer_is_for_later(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)

    with smtp.held(), pytest.raises(Retry):
        mailer(smtp.url).send(message(), item_id="1")


def test_no_answer_is_waited_for_longer_than_ten_seconds() -> None:
    assert mail.TIMEOUT <= 10


class Rude(SmtpServer):
    """Takes the mail and then refuses the farewell."""

    async def handle_QUIT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        return "451 4.3.0 Not now"


def test_a_mail_that_was_accepted_is_sent_however_the_farewell_goes() -> None:
    with Rude() as server:
        mailer(server.url).send(message(), item_id="1")

        assert len(server.deliveries()) == 1


class RefusesUs(SmtpServer):
    """Takes no mail from our sender."""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return "550 5.7.1 You may not send from here"


def test_a_refusal_of_our_sender_is_our_trouble_and_nobodys_bounce() -> None:
    with RefusesUs() as server, pytest.raises(Retry) as trouble:
        mailer(server.url).send(message(), item_id="1")

    assert trouble.value.problem == "550 5.7.1 You may not send from here"


def test_a_mail_sent_twice_after_a_crash_has_one_message_id(
    smtp: SmtpServer, database: Database
) -> None:
    class Killed(BaseException):
        """The process ends here and now."""

    def send(item: Item) -> None:
        mailer(smtp.url).send(message(), item_id=item.id)

    def send_and_die(item: Item) -> None:
        send(item)
        raise Killed

    with database.transaction() as tx:
        item_id = outbox.put(tx, "letter", {})
    with pytest.raises(Killed):
        Worker(database, {"letter": send_and_die}).run_once()
    with shifted(LEASE * 2):
        Worker(database, {"letter": send}).run_once()

    assert [each.message["Message-ID"] for each in smtp.deliveries()] == [
        f"<{item_id}@laatuportti.example.fi>"
    ] * 2


# TLS and passwords


def test_tls_is_used_where_it_is_offered_even_with_an_unknown_certificate(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    port = free_port()

    with serving(Received(), port, tls_context=context) as received:
        mailer(f"smtp://127.0.0.1:{port}").send(message(), item_id="1")

    assert received.was_encrypted == [True]


def test_the_password_goes_only_to_a_server_that_proves_its_name(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    port = free_port()
    url = f"smtp://laatu%20portti:p%3Ass%2Fw%40rd@127.0.0.1:{port}"
    received = Received()

    with serving(
        received, port, tls_context=context, authenticator=received.authenticate, auth_required=True
    ):
        with pytest.raises(Retry):
            mailer(url).send(message(), item_id="1")
        assert received.logins == []
        mailer(url, ca_file=str(trusted)).send(message(), item_id="1")

    assert received.logins == [(USERNAME.encode(), PASSWORD.encode())]
    assert received.was_encrypted == [True]


def test_the_password_does_not_go_to_a_server_without_tls() -> None:
    port = free_port()
    received = Received()

    with (
        serving(received, port, authenticator=received.authenticate, auth_require_tls=False),
        pytest.raises(Retry, match="undelivered") as trouble,
    ):
        mailer(f"smtp://user:secret@127.0.0.1:{port}").send(message(), item_id="1")

    assert received.logins == []
    assert received.contents == []
    assert "STARTTLS" in trouble.value.problem


def test_a_wrong_password_is_our_trouble_and_nobodys_bounce(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    port = free_port()
    received = Received()

    with (
        serving(received, port, tls_context=context, authenticator=received.authenticate),
        pytest.raises(Retry) as trouble,
    ):
        mailer(f"smtp://user:secret@127.0.0.1:{port}", ca_file=str(trusted)).send(
            message(), item_id="1"
        )

    assert trouble.value.problem.startswith("535")
    assert "secret" not in trouble.value.problem


def test_smtps_speaks_tls_from_the_first_byte_to_a_server_that_proves_its_name(
    tmp_path: Path,
) -> None:
    context, trusted = certificate(tmp_path)
    port = free_port()
    url = f"smtps://127.0.0.1:{port}"

    with serving(Received(), port, ssl_context=context) as received:
        with pytest.raises(Retry):
            mailer(url).send(message(), item_id="1")
        mailer(url, ca_file=str(trusted)).send(message(), item_id="1")

    assert len(received.contents) == 1


# Into a folder


def test_a_folder_gets_one_file_a_mail_which_only_we_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "mails"
    mailer(f"file:{folder}").send(message(), item_id="one")
    mailer(f"file:{folder}").send(message(subject="Toinen"), item_id="two")

    assert sorted(path.name for path in folder.iterdir()) == ["one.eml", "two.eml"]
    assert [mail["Subject"] for mail in spooled(folder)] == ["Luo salasanasi", "Toinen"]
    assert stat.S_IMODE((folder / "one.eml").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_mail_repeated_into_a_folder_replaces_itself(tmp_path: Path) -> None:
    for _ in range(2):
        mailer(f"file:{tmp_path}").send(message(), item_id="one")

    assert len(spooled(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_for_later(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Retry):
        mailer(f"file:{tmp_path / 'file'}").send(message(), item_id="one")


# What somebody typed stays what it is


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


# Settings


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
