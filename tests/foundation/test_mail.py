"""A mail goes to exactly one address, whole, and says what it was told to say."""

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from idp.foundation import mail, outbox
from idp.foundation.clock import shifted
from idp.foundation.database import Database
from idp.foundation.outbox import Bounced, Item, Retry, Worker
from idp.foundation.outbox_queue import LEASE
from tests.foundation.mailing import ANNA, SENDER, mailer, message
from tests.servers.smtp import SmtpServer

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
