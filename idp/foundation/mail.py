"""Mail: a message as a value, and how it leaves, by SMTP or into a folder.

Nothing typed by anybody can break out of its header or its body: the one recipient is checked, the
other headers are encoded by the standard library, text and HTML are quoted-printable. A message's
``Message-ID`` is its outbox item's id, so that one sent twice can be recognised.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from idp import config
from idp.errors import ConfigurationError
from idp.foundation.clock import utcnow
from idp.foundation.outbox import Bounced, Retry

TIMEOUT = 10.0
"""Seconds that a mail server may take for each answer."""

_LONGEST_LINE = 300
_ADDRESS = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A mail to one person, the same in text and in HTML."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str


class Carrier(Protocol):
    """A way for mails to leave."""

    def carry(self, content: bytes, *, sender: str, to: str, name: str) -> None:
        """Hand ``content`` over; raises Bounced or Retry. ``name`` is the same at every try."""


class Mailer:
    """Sends messages in the deployment's name."""

    def __init__(self, sender: Address, carrier: Carrier) -> None:
        self._sender = sender
        self._carrier = carrier

    @classmethod
    def from_settings(cls, settings: config.Mail, *, ca_file: str = "") -> "Mailer":
        """The mailer that the settings describe; ConfigurationError where they cannot be meant.

        ``ca_file`` names authorities to trust beside the system's.
        """
        if not _ADDRESS.fullmatch(settings.sender):
            raise ConfigurationError({"mail.sender": "must be an address in ASCII"})
        sender = Address(_in_header(settings.sender_name), addr_spec=settings.sender)
        if settings.url.startswith("file:"):
            return cls(sender, Folder(Path(settings.url.removeprefix("file:"))))
        return cls(sender, Smtp.from_url(settings.url, helo=sender.domain, ca_file=ca_file))

    def send(self, message: Message, *, item_id: str) -> None:
        """Send to exactly the address in ``message``; raises Bounced or Retry.

        ``item_id`` is the outbox item's, the same at every try.
        """
        if not _ADDRESS.fullmatch(message.to):
            raise Bounced("the address has letters that mail addresses cannot have")
        if not _ID.fullmatch(item_id):
            raise ValueError("an item's id has letters that ids do not have")
        self._carrier.carry(
            self._written(message, item_id),
            sender=self._sender.addr_spec,
            to=message.to,
            name=item_id,
        )

    def _written(self, message: Message, item_id: str) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = message.to
        mail["Subject"] = _in_header(message.subject)
        mail["Date"] = format_datetime(utcnow())
        mail["Message-ID"] = f"<{item_id}@{self._sender.domain}>"
        # No absence notes in answer to us: RFC 3834 section 5, and what Exchange looks at instead.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        mail["Content-Language"] = message.locale
        # "=_" is in no quoted-printable text (RFC 2045 section 6.7), and no chance is needed.
        mail.set_boundary(f"=_{item_id}")
        return mail.as_bytes()


@dataclass(frozen=True, kw_only=True, slots=True)
class Smtp:
    """A mail server that takes our mails."""

    host: str
    port: int
    is_tls: bool
    helo: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @classmethod
    def from_url(cls, url: str, *, helo: str, ca_file: str = "") -> "Smtp":
        """The server that smtp:// or smtps:// USER:PASSWORD@HOST:PORT names."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError({"mail.url": "has no valid host and port"}) from error
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ConfigurationError({"mail.url": "must be smtp://USER:PASSWORD@HOST:PORT"})
        is_tls = parts.scheme == "smtps"
        usual = 465 if is_tls else 587 if parts.username else 25
        return cls(
            host=parts.hostname,
            port=port or usual,
            is_tls=is_tls,
            helo=helo,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            ca_file=ca_file,
        )

    def carry(self, content: bytes, *, sender: str, to: str, name: str) -> None:
        """Hand over: what the server refuses for good bounces, all other trouble is for later."""
        try:
            with self._session() as smtp:
                smtp.sendmail(sender, [to], content)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(*error.recipients[to]) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPResponseException as error:
            raise Retry(_words(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            what = str(error) or type(error).__name__
            raise Retry(f"{self.host}:{self.port}: {what}") from error

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        smtp = self._connect()
        try:
            self._secure(smtp)
            if self.username:
                smtp.login(self.username, self.password)
            yield smtp
            # The mail is accepted: however the farewell goes, it must not be sent again.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        if self.is_tls:
            return smtplib.SMTP_SSL(
                self.host,
                self.port,
                local_hostname=self.helo,
                timeout=TIMEOUT,
                context=self._trust(),
            )
        return smtplib.SMTP(self.host, self.port, local_hostname=self.helo, timeout=TIMEOUT)

    def _secure(self, smtp: smtplib.SMTP) -> None:
        """Use TLS wherever it is offered; a password goes to nobody who does not prove its name."""
        smtp.ehlo_or_helo_if_needed()
        if self.is_tls:
            return
        if smtp.has_extn("starttls"):
            context = self._trust()
            if not self.username:
                # A relay beside us often has a certificate of its own making, and whoever could
                # stand between could take the offer away as well (RFC 7435).
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        elif self.username:
            raise Retry("the mail server offers no STARTTLS, so it does not get our password")

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with one ``.eml`` file a mail: for trying out."""

    path: Path

    def carry(self, content: bytes, *, sender: str, to: str, name: str) -> None:
        """Write the file, whole or not at all; a repetition replaces it."""
        unfinished = self.path / f".{name}.part"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            unfinished.replace(self.path / f"{name}.eml")
        except OSError as error:
            raise Retry(f"{self.path}: {error.strerror}") from error


def on_one_line(typed: str) -> str:
    """What somebody typed as a mail may hold it: visible letters on one line, not endless."""
    visible = "".join(letter if letter.isprintable() else " " for letter in typed)
    return " ".join(visible.split())[:_LONGEST_LINE]


def _in_header(typed: str) -> str:
    """What somebody typed, as a header may hold it."""
    # The library would decode an encoded word that somebody typed, line breaks and all.
    return on_one_line(typed).replace("=?", "= ?")


def _refusal(code: int, words: bytes | str) -> Bounced | Retry:
    text = _words(code, words)
    return Bounced(text) if code >= 500 else Retry(text)


def _words(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {said}"
