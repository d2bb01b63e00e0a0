"""The tables of the audit log and of the consumers that follow it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model

_UNSEALED = text("position IS NULL")


class AuditRecord(Model):
    """One deed. Written with it; ``position`` and ``hash`` follow when the log is sealed."""

    __tablename__ = "audit_record"
    __table_args__ = (
        Index("ix_audit_record_organization", "organization_id", "at"),
        Index("ix_audit_record_target", "target_id", "at"),
        Index(
            "ix_audit_record_unsealed",
            "at",
            "id",
            sqlite_where=_UNSEALED,
            postgresql_where=_UNSEALED,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str | None]
    organization_id: Mapped[str | None]
    target_id: Mapped[str | None]
    """The person, client, organization or other thing it was done to."""
    reference: Mapped[str] = mapped_column(index=True)
    """What the person was shown, to tell support (M16)."""
    network: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes | None]


class AuditCursor(Model):
    """How far a consumer has followed the log."""

    __tablename__ = "audit_cursor"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
