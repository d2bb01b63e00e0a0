"""A message to send, who sends it, and what lies in a folder of mail."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from idp.config import Mail
from idp.foundation.mail import Mailer, Message

SENDER = "noreply@laatuportti.example.fi"
ANNA = "Anna.Aalto+portti@Example.FI"


def message(to: str = ANNA, subject: str = "Luo salasanasi", text: str = "Hei Anna") -> Message:
    """A short mail to Anna."""
    return Message(to=to, subject=subject, text=text, html=f"<p>{text}</p>", locale="fi")


def mailer(url: str, *, name: str = "Laatuportti", ca_file: str = "") -> Mailer:
    """What sends to ``url`` in our name."""
    return Mailer.from_settings(Mail(url=url, sender=SENDER, sender_name=name), ca_file=ca_file)


def spooled(folder: Path) -> list[EmailMessage]:
    """The mails in the folder."""
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]
