"""The table of what is still to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class OutboxItem(Model):
    """One thing to send, put in with the deed that causes it; never holds a secret."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "kind", "lane", "due_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    lane: Mapped[str]
    """Whom it is for, where one receiver must not hold up the others of its kind; else empty."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    organization_id: Mapped[str | None]
    person_id: Mapped[str | None] = mapped_column(index=True)
    """Whose mail it is, for the main user's view of its fate."""
    state: Mapped[str]
    """``queued``, ``sent``, ``bounced`` (refused for good) or ``failed`` (given up)."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When to try (again); a worker that takes it moves this on, so that a crash frees it."""
    attempts: Mapped[int]
    """How many tries were begun; it also tells two workers' tries of the same item apart."""
    finished_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    """Why the last try failed, in the other server's words, shortened."""
