"""A mail server that keeps what it is given, and refuses or waits where a test says so."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

PATIENCE = 30.0
"""Seconds that `SmtpServer.wait_for` gives a mail to arrive on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One accepted mail: the envelope, and the message as sent."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text part."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        if part is None:
            raise AssertionError(f"the mail has no {kind} part")
        return str(part.get_content())


class SmtpServer:
    """Takes mail on 127.0.0.1 within a ``with`` block.

    ``replies`` answers a recipient's address with what is set for it (``550 5.1.1 No such user``);
    ``reply_to_data`` answers every message, after its text, instead of keeping it.
    """

    def __init__(self) -> None:
        self.port = 0
        self.replies: dict[str, str] = {}
        self.reply_to_data: str | None = None
        self._deliveries: list[Delivery] = []
        self._arrival = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """What the setting ``mail.url`` takes."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the same port as before if it ran once."""
        listening: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(listening,), name="smtp")
        self._thread.start()
        self.port = listening.result()

    def stop(self) -> None:
        """Refuse connections from now on; nothing happens if it does not run."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def deliveries(self, recipient: str | None = None) -> list[Delivery]:
        """What has arrived, oldest first; only what went to ``recipient`` if one is given."""
        with self._arrival:
            return self._to(recipient)

    def wait_for(self, recipient: str | None = None, count: int = 1) -> list[Delivery]:
        """The deliveries, once there are ``count``; raises AssertionError if they stay away."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._to(recipient)) >= count, PATIENCE):
                arrived = [(each.recipients, each.message["subject"]) for each in self._deliveries]
                raise AssertionError(f"{count} mail(s) to {recipient} expected, came: {arrived}")
            return self._to(recipient)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Leave every sender waiting for the answer to its message, until the block ends.

        A sender that gives up before has sent nothing.
        """
        self._loop.call_soon_threadsafe(self._open.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._open.set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept the recipient, or answer what the test has set."""
        if reply := self.replies.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message, or answer what the test has set."""
        await self._open.wait()
        if self.reply_to_data is not None:
            return self.reply_to_data
        content: Any = envelope.content
        delivery = Delivery(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            message=message_from_bytes(content, policy=policy.default),
        )
        with self._arrival:
            self._deliveries.append(delivery)
            self._arrival.notify_all()
        return "250 OK"

    def _to(self, recipient: str | None) -> list[Delivery]:
        return [
            each for each in self._deliveries if recipient is None or recipient in each.recipients
        ]

    def _run(self, listening: Future[int]) -> None:
        try:
            asyncio.run(self._serve(listening))
        except OSError as error:
            listening.set_exception(error)

    async def _serve(self, listening: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._stopping = asyncio.Event()
        protocols: list[SMTP] = []

        def protocol() -> SMTP:
            protocols.append(SMTP(self, hostname="mail.test", enable_SMTPUTF8=True))
            return protocols[-1]

        server = await self._loop.create_server(protocol, "127.0.0.1", self.port)
        listening.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        for each in protocols:
            if isinstance(each.transport, asyncio.Transport):
                each.transport.abort()
