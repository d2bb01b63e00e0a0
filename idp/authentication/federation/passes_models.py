"""The tables of passes, and of the warnings that the calendar has sent."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class Pass(Model):
    """A secret address that opens one thing of one organization; only a digest is kept."""

    __tablename__ = "pass"

    id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    target_id: Mapped[str | None]
    """What of the organization it opens, where it is not the whole of its purpose."""
    address: Mapped[str | None]
    """Where it was mailed; None where it was shown to who made it."""
    created_by: Mapped[str]
    """Who made it: the actor's kind and id, as in the audit log."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    browser_digest: Mapped[bytes | None] = mapped_column(index=True)
    """The one browser that it works in, once that has taken it up."""
    taken_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]


class CalendarWarning(Model):
    """That a warning went out: each once, however many nodes look at the calendar."""

    __tablename__ = "calendar_warning"

    connection_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    """How many days ahead: one of `calendar.WARN_DAYS`."""
    sent_at: Mapped[datetime]
