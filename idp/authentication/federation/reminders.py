"""Reminders of what expires: each once, to the organization's IT and main users, and to operators.

Any number of nodes may look: a reminder's row is unique, so whoever is later changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from idp.authentication.federation import calendar, mails, recipients
from idp.authentication.federation.calendar import Expiry
from idp.authentication.federation.expiries import expiries
from idp.authentication.federation.models import ConnectionRecord
from idp.authentication.federation.passes_models import CalendarWarning
from idp.directory.unique import insert
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.locale import format_datetime, translate
from idp.foundation.mail import Message
from idp.foundation.parts import Parts

REMINDER = "expiry_reminder"
"""The outbox's name for a reminder."""
_EVERY = timedelta(hours=1)


class Reminders:
    """Looks at the calendar now and then."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._keyring = parts.keyring
        self._settings = parts.settings
        self._looked_at: datetime | None = None

    def tick(self) -> None:
        """Send what is due; at most once an hour on each node."""
        now = utcnow()
        if self._looked_at is not None and now - self._looked_at < _EVERY:
            return
        with self._database.reading() as tx:
            found = expiries(tx, self._keyring)
        for expiry in found:
            if expiry.expires_at - now <= timedelta(days=calendar.WARN_DAYS[0]):
                with self._database.transaction() as tx:
                    remind(tx, expiry, now)
        self._looked_at = now

    def letter(self, tx: Transaction, item: outbox.Item) -> Message:
        """A reminder's mail."""
        organization, to, locale = recipients.addressee(tx, item, self._settings)
        payload: dict[str, Any] = item.payload
        expires_at = datetime.fromisoformat(payload["expires_at"])
        is_change = calendar.Kind(payload["kind"]).is_change
        return mails.expiry_reminder(
            locale,
            to=to,
            organization_name=organization.name,
            what=translate(locale, f"connection.calendar.kind.{payload['kind']}"),
            connection=payload["connection"],
            at=format_datetime(locale, expires_at),
            mend=translate(locale, f"connection.calendar.mend.{payload['kind']}"),
            url=f"{self._settings.issuer}/organization/{organization.slug}/connection/calendar",
            is_change=is_change,
        )


def remind(tx: Transaction, expiry: Expiry, now: datetime) -> bool:
    """Send the reminder that is due, if one is and nobody has yet."""
    sent = tx.session.scalars(
        select(CalendarWarning.days).where(
            CalendarWarning.connection_id == expiry.connection_id,
            CalendarWarning.kind == expiry.kind.value,
            CalendarWarning.label == expiry.label,
            CalendarWarning.expires_at == expiry.expires_at,
        )
    ).all()
    days = calendar.due(expiry.expires_at, sent, now)
    connection = tx.session.get(ConnectionRecord, expiry.connection_id)
    if days is None or connection is None:
        return False
    row = CalendarWarning(
        connection_id=expiry.connection_id,
        kind=expiry.kind.value,
        label=expiry.label,
        expires_at=expiry.expires_at,
        days=days,
        sent_at=now,
    )
    if not insert(tx, row):
        return False
    payload = {
        "kind": expiry.kind.value,
        "connection": expiry.title,
        "expires_at": expiry.expires_at.isoformat(),
    }
    recipients.tell(tx, REMINDER, payload, connection.organization_id)
    return True
