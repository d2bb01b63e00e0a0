"""A letter: what a mail says, in blocks; one layout writes every letter, as text and as HTML."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from idp.foundation.mail import Message

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A link shown as a button, with its address below it for who would rather copy it."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """The parts of a letter, in the order in which they are read."""

    locale: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[Action, ...] = ()
    notes: tuple[str, ...] = ()
    """What is read after the deed: how long, what else, whom to ask."""
    closing: str


def write(letter: Letter, *, to: str) -> Message:
    """The letter as a message to an address."""
    return Message(
        to=to,
        subject=letter.subject,
        text=_environment.get_template("mail/letter.txt").render(letter=letter),
        html=_environment.get_template("mail/letter.html").render(letter=letter),
        locale=letter.locale,
    )
