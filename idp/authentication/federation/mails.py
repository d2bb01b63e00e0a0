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
        "setup_link",
        to=to,
        about={"organization": organization_name},
        actions={say("setup_link.action"): url},
        notes=say.about_link(requested_at, expires_at, more="setup_link.browser"),
    )


def break_glass_used(
    locale: str, *, to: str, name: str, organization_name: str, at: datetime
) -> Message:
    """The alarm that the password kept for emergencies was used."""
    say = Words(locale)
    return say.letter(
        "break_glass_used",
        to=to,
        about={
            "organization": organization_name,
            "name": name,
            "at": format_datetime(locale, at),
        },
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
    return say.letter(
        "certificate_change" if is_change else "expiry_reminder",
        to=to,
        about={
            "organization": organization_name,
            "what": what,
            "connection": connection,
            "at": at,
        },
        actions={say("expiry_reminder.action"): url},
        notes=(mend,),
    )


def metadata_waits(
    locale: str, *, to: str, organization_name: str, connection: str, url: str
) -> Message:
    """Word that an identity provider's metadata has only keys that nobody stands for."""
    say = Words(locale)
    return say.letter(
        "metadata_waits",
        to=to,
        about={"organization": organization_name, "connection": connection},
        actions={say("metadata_waits.action"): url},
        notes=(say("metadata_waits.until"), say("metadata_waits.compare")),
    )
