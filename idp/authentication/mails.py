"""What each mail says: a function a mail, from plain values to a message in a language."""

from collections.abc import Mapping
from datetime import datetime

from idp.authentication.mail_words import Words
from idp.foundation.locale import format_datetime
from idp.foundation.mail import Message


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
    say = Words(locale)
    kind = "password_link.first" if is_first else "password_link.again"
    lead = (
        say(f"{kind}.sent", organization=organization_name)
        if organization_name
        else say(f"{kind}.asked")
    )
    return say.letter(
        kind,
        to=to,
        name=given_name,
        lead=lead,
        facts={say("username"): username},
        actions={say(f"{kind}.action"): url},
        notes=(*say.about_link(requested_at, expires_at), say("help")),
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
    say = Words(locale)
    return say.letter(
        "password_link.first",
        to=to,
        name=given_name,
        lead=say("operator_activation.lead"),
        facts={say("username"): username},
        actions={say("password_link.first.action"): url},
        notes=(
            *say.about_link(requested_at, expires_at),
            say("help.operator", contact=support_contact),
        ),
    )


def sso_hint(locale: str, *, to: str, given_name: str, organizations: Mapping[str, str]) -> Message:
    """Where to sign in, for who needs no password here: each organization's name and SSO link."""
    say = Words(locale)
    return say.letter(
        "sso_hint",
        to=to,
        name=given_name,
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
    say = Words(locale)
    return say.letter(
        "email_confirmation",
        to=to,
        actions={say("email_confirmation.action"): url},
        notes=say.about_link(requested_at, expires_at, more="email_confirmation.again"),
    )


def email_change_notice(
    locale: str, *, to: str, given_name: str, username: str, new_email: str, at: datetime
) -> Message:
    """Word to the present address that another is to take its place, while that can be stopped."""
    say = Words(locale)
    return say.letter(
        "email_change_notice",
        to=to,
        name=given_name,
        about={"at": format_datetime(locale, at)},
        facts={say("username"): username, say("email_change_notice.new"): new_email},
        notes=(say("email_change_notice.not_me"), say("nobody_asks")),
    )


def password_changed(
    locale: str, *, to: str, given_name: str, username: str, at: datetime, sign_in_url: str
) -> Message:
    """Word that there is a new password, and what to do if it is somebody else's."""
    say = Words(locale)
    return say.letter(
        "password_changed",
        to=to,
        name=given_name,
        about={"at": format_datetime(locale, at)},
        facts={say("username"): username},
        notes=(say("not_me", url=sign_in_url), say("nobody_asks")),
    )


def username_changed(
    locale: str, *, to: str, given_name: str, before: str, after: str, organization_name: str
) -> Message:
    """Word that the main user has changed the username (M18)."""
    say = Words(locale)
    return say.letter(
        "username_changed",
        to=to,
        name=given_name,
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
    say = Words(locale)
    return say.letter(
        "membership_added",
        to=to,
        name=given_name,
        about={"organization": organization_name},
        facts={say("username"): username, say("organization"): organization_name},
        actions={say("membership_added.action"): url},
        notes=(
            say("membership_added.choose"),
            say("membership_added.unexpected"),
            say("nobody_asks"),
        ),
    )
