"""The mails about an organization's single sign-on: what each says, in the reader's language."""

from datetime import datetime

from idp.authentication.mail_words import Words
from idp.foundation.locale import format_datetime
from idp.foundation.mail import Message


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
    say = Words(locale)
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
    say = Words(locale)
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
    is_change: bool,
) -> Message:
    """Word ahead of the day on which something expires, or our own certificate changes."""
    say = Words(locale)
    about = "certificate_change" if is_change else "expiry_reminder"
    return say.letter(
        to=to,
        name=None,
        subject=say(f"{about}.subject", what=what, organization=organization_name),
        lead=say(f"{about}.lead", what=what, connection=connection, at=at),
        actions={say("expiry_reminder.action"): url},
        notes=(mend,),
    )


def metadata_waits(
    locale: str, *, to: str, organization_name: str, connection: str, url: str
) -> Message:
    """Word that an identity provider's metadata has only keys that nobody stands for."""
    say = Words(locale)
    return say.letter(
        to=to,
        name=None,
        subject=say("metadata_waits.subject", organization=organization_name),
        lead=say("metadata_waits.lead", connection=connection),
        actions={say("metadata_waits.action"): url},
        notes=(say("metadata_waits.until"), say("metadata_waits.compare")),
    )
