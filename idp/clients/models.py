"""The tables of registered clients (RFC 7591, RFC 7592)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model
from idp.foundation.secrets import digest, equal


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
    sealed_secret: Mapped[str | None]
    """The secret itself, for ``client_secret_jwt`` alone, whose MAC needs it."""
    previous_sealed_secret: Mapped[str | None]
    registration_token_digest: Mapped[bytes | None]
    """What opens the registration to its client (RFC 7592); None where an operator keeps it."""
    is_first_party: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """When its client took it back (RFC 7592 section 2.3): disabled for good."""

    def has_secret(self, secret: str) -> bool:
        """Whether this is the secret in force."""
        return self.secret_digest is not None and equal(self.secret_digest, digest(secret))


class InitialAccessToken(Model):
    """What lets somebody register clients (RFC 7591 section 3): so often, so long."""

    __tablename__ = "initial_access_token"

    id: Mapped[str] = mapped_column(primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    note: Mapped[str]
    """For whom it was made; for the operators' eyes."""
    uses_left: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PairwiseKey(Model):
    """The one key that pairwise subjects are made with; a second row cannot be."""

    __tablename__ = "pairwise_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[str]
    created_at: Mapped[datetime]
