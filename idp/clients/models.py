"""The table of registered clients (RFC 7591)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class ClientRecord(Model):
    """One relying party's registration."""

    __tablename__ = "client"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    client_metadata: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The registered RFC 7591 metadata, complete and validated."""
    secret_digest: Mapped[bytes | None]
    previous_secret_digest: Mapped[bytes | None]
    """The secret before the last rotation; valid until ``previous_secret_until``."""
    previous_secret_until: Mapped[datetime | None]
    is_first_party: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
