"""Checks of mail: whether the server takes us, whether what waits leaves. No mail is sent."""

import smtplib
import ssl
from datetime import timedelta

from email_validator import EmailUndeliverableError, validate_email

from idp.cli.doctor.finding import Findings, fine, warning, wrong
from idp.config import Settings
from idp.errors import ConfigurationError
from idp.foundation.clock import utcnow
from idp.foundation.database import Database
from idp.foundation.mail import TIMEOUT, Smtp
from idp.foundation.outbox import backlog

_LATE = timedelta(minutes=10)


def check_mail_server(settings: Settings) -> Findings:
    """Greet the mail server, prove who we are, and do nothing (NOOP)."""
    if settings.mail.url.startswith("file:"):
        return
    try:
        server = Smtp.from_url(settings.mail.url, helo=settings.mail.sender.rpartition("@")[2])
        _greet(server)
    except ConfigurationError as error:
        yield from (wrong(key, text, "Mend it") for key, text in error.problems.items())
    except (smtplib.SMTPException, OSError) as error:
        yield wrong(
            "mail.url",
            f"the mail server does not take us: {' '.join(str(error).split())}",
            "Mend mail.url or the server; mails wait meanwhile, for three days",
        )
    else:
        yield fine("mail.url", f"{server.host}:{server.port} takes us")


def check_sender(settings: Settings) -> Findings:
    """Ask the DNS whether answers to our mails could reach anybody."""
    try:
        validate_email(settings.mail.sender, check_deliverability=True, timeout=2)
    except EmailUndeliverableError as error:
        yield warning(
            "mail.sender",
            str(error),
            "Take a sender of a domain that has mail; others may refuse ours as spam",
        )


def check_outbox(database: Database) -> Findings:
    """See whether what waits to be sent leaves in time."""
    with database.reading() as tx:
        waiting = backlog(tx)
    if waiting.oldest_at is None or utcnow() - waiting.oldest_at < _LATE:
        yield fine("outbox", f"{waiting.waiting} wait to be sent")
        return
    minutes = (utcnow() - waiting.oldest_at) // timedelta(minutes=1)
    yield wrong(
        "outbox",
        f"{waiting.waiting} wait to be sent, the oldest for {minutes} minutes",
        "See that 'idp deliver' (or serve) runs, and what it logs",
    )


def _greet(server: Smtp) -> None:
    trust = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(server.host, server.port, server.helo, timeout=TIMEOUT, context=trust)
        if server.is_tls
        else smtplib.SMTP(server.host, server.port, server.helo, timeout=TIMEOUT) as smtp
    ):
        smtp.ehlo_or_helo_if_needed()
        if server.username:
            if not server.is_tls:
                smtp.starttls(context=trust)
            smtp.login(server.username, server.password)
        smtp.noop()
