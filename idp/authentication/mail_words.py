"""The words of our mails in one language, and the shape that every letter has."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from idp.foundation.letter import Action, Letter, write
from idp.foundation.locale import format_datetime, translate, translate_plural
from idp.foundation.mail import Message, on_one_line


class Words:
    """The mails' texts in one language; what people typed goes into them on one line."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def __call__(self, key: str, **typed: str) -> str:
        tidy = {name: on_one_line(value) for name, value in typed.items()}
        return translate(self._locale, f"mail.{key}", **tidy)

    def about_link(
        self, requested_at: datetime, expires_at: datetime, more: str = "valid.again"
    ) -> tuple[str, ...]:
        """How long a link works and until when by the clocks of Finland, and whom to show it."""
        minutes = (expires_at - requested_at) // timedelta(minutes=1)
        hours, rest = divmod(minutes, 60)
        key, number = ("mail.minutes", minutes) if rest else ("mail.hours", hours)
        duration = translate_plural(self._locale, key, number)
        valid = self("valid", duration=duration, end=format_datetime(self._locale, expires_at))
        return valid, self(more), self("unexpected"), self("nobody_asks.link")

    def letter(
        self,
        kind: str,
        *,
        to: str,
        name: str | None = None,
        about: Mapping[str, str] | None = None,
        lead: str | None = None,
        facts: Mapping[str, str] | None = None,
        actions: Mapping[str, str] | None = None,
        notes: tuple[str, ...],
    ) -> Message:
        """A letter of our house; ``about`` is what its kind's subject and lead name.

        ``facts`` are by their names, addresses by their labels.
        """
        letter = Letter(
            locale=self._locale,
            subject=self(f"{kind}.subject", **(about or {})),
            greeting=self("greeting", name=name) if name else self("greeting.nameless"),
            paragraphs=(lead or self(f"{kind}.lead", **(about or {})),),
            facts=tuple((what, on_one_line(value)) for what, value in (facts or {}).items()),
            actions=tuple(Action(label=label, url=url) for label, url in (actions or {}).items()),
            notes=notes,
            closing=self("closing"),
        )
        return write(letter, to=to)
