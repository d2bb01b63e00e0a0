"""What each mail says: a function a mail, from plain values to a message in a language."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from idp.foundation.letter import Action, Letter, write
from idp.foundation.locale import format_datetime, translate, translate_plural
from idp.foundation.mail import Message, on_one_line


def password_link(
    locale: str,
    *,
    to: str,
    given_name: str,
    username: str,
    organization_name: str | None,
    url: str,
    requested_at: datetime,
    expires_at: datetime,
    is_first: bool,
) -> Message:
    """The link to make a password, the first or another: one letter, other words (M4, M5).

    ``organization_name`` is the organization whose main user sends it; None where the person asked.
    """
    say = _Words(locale)
    kind = "password_link.first" if is_first else "password_link.again"
    lead = (
        say(f"{kind}.sent", organization=organization_name)
        if organization_name
        else say(f"{kind}.asked")
    )
    return say.letter(
        to=to,
        name=given_name,
        subject=say(f"{kind}.subject"),
        lead=lead,
        facts={say("username"): username},
        actions={say(f"{kind}.action"): url},
        notes=(
            say.validity(requested_at, expires_at),
            say("valid.again"),
            say("unexpected"),
            say("nobody_asks.link"),
            say("help"),
        ),
    )


def operator_activation(
    locale: str,
    *,
    to: str,
    given_name: str,
    username: str,
    url: str,
    requested_at: datetime,
    expires_at: datetime,
    support_contact: str,
) -> Message:
    """The first link of an operator, who has no main user to turn to."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=given_name,
        subject=say("password_link.first.subject"),
        lead=say("operator_activation.lead"),
        facts={say("username"): username},
        actions={say("password_link.first.action"): url},
        notes=(
            say.validity(requested_at, expires_at),
            say("valid.again"),
            say("unexpected"),
            say("nobody_asks.link"),
            say("help.operator", contact=support_contact),
        ),
    )


def sso_hint(locale: str, *, to: str, given_name: str, organizations: Mapping[str, str]) -> Message:
    """Where to sign in, for who needs no password here: each organization's name and SSO link."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=given_name,
        subject=say("sso_hint.subject"),
        lead=say("sso_hint.lead"),
        actions={
            say("sso_hint.action", organization=name): url for name, url in organizations.items()
        },
        notes=(
            say("sso_hint.bookmark"),
            say("unexpected.harmless"),
            say("nobody_asks"),
            say("sso_hint.help"),
        ),
    )


def email_confirmation(
    locale: str, *, to: str, url: str, requested_at: datetime, expires_at: datetime
) -> Message:
    """The link that confirms an address; it names nobody, for it may reach a stranger."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=None,
        subject=say("email_confirmation.subject"),
        lead=say("email_confirmation.lead"),
        actions={say("email_confirmation.action"): url},
        notes=(
            say.validity(requested_at, expires_at),
            say("email_confirmation.again"),
            say("unexpected"),
            say("nobody_asks.link"),
        ),
    )


def email_change_notice(
    locale: str, *, to: str, given_name: str, username: str, new_email: str, at: datetime
) -> Message:
    """Word to the present address that another is to take its place, while that can be stopped."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=given_name,
        subject=say("email_change_notice.subject"),
        lead=say("email_change_notice.lead", at=format_datetime(locale, at)),
        facts={say("username"): username, say("email_change_notice.new"): new_email},
        notes=(say("email_change_notice.not_me"), say("nobody_asks")),
    )


def password_changed(
    locale: str, *, to: str, given_name: str, username: str, at: datetime, sign_in_url: str
) -> Message:
    """Word that there is a new password, and what to do if it is somebody else's."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=given_name,
        subject=say("password_changed.subject"),
        lead=say("password_changed.lead", at=format_datetime(locale, at)),
        facts={say("username"): username},
        notes=(say("not_me", url=sign_in_url), say("nobody_asks")),
    )


def username_changed(
    locale: str, *, to: str, given_name: str, before: str, after: str, organization_name: str
) -> Message:
    """Word that the main user has changed the username (M18)."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=given_name,
        subject=say("username_changed.subject"),
        lead=say("username_changed.lead"),
        facts={
            say("username_changed.before"): before,
            say("username_changed.after"): after,
            say("organization"): organization_name,
        },
        notes=(say("help"), say("nobody_asks")),
    )


def membership_added(
    locale: str, *, to: str, given_name: str, username: str, organization_name: str, url: str
) -> Message:
    """Word to who already has a username that it opens one more organization (M6)."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=given_name,
        subject=say("membership_added.subject"),
        lead=say("membership_added.lead", organization=organization_name),
        facts={say("username"): username, say("organization"): organization_name},
        actions={say("membership_added.action"): url},
        notes=(
            say("membership_added.choose"),
            say("membership_added.unexpected"),
            say("nobody_asks"),
        ),
    )


def setup_link(
    locale: str,
    *,
    to: str,
    organization_name: str,
    url: str,
    requested_at: datetime,
    expires_at: datetime,
) -> Message:
    """The link by which somebody without an account sets an organization's single sign-on up."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=None,
        subject=say("setup_link.subject", organization=organization_name),
        lead=say("setup_link.lead", organization=organization_name),
        actions={say("setup_link.action"): url},
        notes=(
            say.validity(requested_at, expires_at),
            say("setup_link.browser"),
            say("unexpected"),
            say("nobody_asks.link"),
        ),
    )


def break_glass_used(
    locale: str, *, to: str, name: str, organization_name: str, at: datetime
) -> Message:
    """The alarm that the password kept for emergencies was used."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=None,
        subject=say("break_glass_used.subject", organization=organization_name),
        lead=say("break_glass_used.lead", name=name, at=format_datetime(locale, at)),
        notes=(say("break_glass_used.act"),),
    )


def expiry_reminder(
    locale: str,
    *,
    to: str,
    organization_name: str,
    what: str,
    connection: str,
    at: str,
    mend: str,
    url: str,
) -> Message:
    """Word ahead of the day on which a certificate, a secret or metadata expires."""
    say = _Words(locale)
    return say.letter(
        to=to,
        name=None,
        subject=say("expiry_reminder.subject", what=what, organization=organization_name),
        lead=say("expiry_reminder.lead", what=what, connection=connection, at=at),
        actions={say("expiry_reminder.action"): url},
        notes=(mend,),
    )


class _Words:
    """The mails' texts in one language; what people typed goes into them on one line."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def __call__(self, key: str, **typed: str) -> str:
        tidy = {name: on_one_line(value) for name, value in typed.items()}
        return translate(self._locale, f"mail.{key}", **tidy)

    def validity(self, requested_at: datetime, expires_at: datetime) -> str:
        """How long a link works, and until when by the clocks of Finland."""
        minutes = (expires_at - requested_at) // timedelta(minutes=1)
        hours, rest = divmod(minutes, 60)
        key, number = ("mail.minutes", minutes) if rest else ("mail.hours", hours)
        duration = translate_plural(self._locale, key, number)
        return self("valid", duration=duration, end=format_datetime(self._locale, expires_at))

    def letter(
        self,
        *,
        to: str,
        name: str | None,
        subject: str,
        lead: str,
        facts: Mapping[str, str] | None = None,
        actions: Mapping[str, str] | None = None,
        notes: tuple[str, ...],
    ) -> Message:
        """A letter of our house; ``facts`` are by their names, addresses by their labels."""
        letter = Letter(
            locale=self._locale,
            subject=subject,
            greeting=self("greeting", name=name) if name else self("greeting.nameless"),
            paragraphs=(lead,),
            facts=tuple((what, on_one_line(value)) for what, value in (facts or {}).items()),
            actions=tuple(Action(label=label, url=url) for label, url in (actions or {}).items()),
            notes=notes,
            closing=self("closing"),
        )
        return write(letter, to=to)
