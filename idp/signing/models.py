"""The table of signing keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class SigningKey(Model):
    """One signing key pair: published, then active, then retired, then gone.

    Which it is follows from its times alone, so that every node agrees without asking.
    """

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(primary_key=True)
    alg: Mapped[str]
    predecessor: Mapped[str] = mapped_column(unique=True)
    """The kid it follows, the algorithm's name for the first: a key has one successor, ever, so
    that nodes which rotate at once make one key."""
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_private_jwk: Mapped[str]
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """When its successor took over; published on until the last token it signed has ended."""
    removed_at: Mapped[datetime | None]
    """When it left the JWKS; at once when revoked."""
