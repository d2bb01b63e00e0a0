"""The tables of what clients were given: grants with their code and refresh token, revocations."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class Grant(Model):
    """What one sign-in gave one client: a code first, then a family of tokens; they die together.

    The code is spent, and the refresh token moved on, by one conditional UPDATE of this row, which
    stays, so that a second use is seen and revokes what the first one gave (RFC 6749 4.1.2).
    Of refresh tokens the newest generation is in force; the one before it may ask a lost answer
    again within the grace, any older one kills the family (RFC 9700 section 4.14.2).
    """

    __tablename__ = "grant"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id"), index=True)
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    scope: Mapped[str]
    nonce: Mapped[str | None]
    auth_time: Mapped[datetime]
    amr: Mapped[str]
    """Space-separated RFC 8176 values."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """The code's end until it is redeemed, then the family's."""
    revoked_at: Mapped[datetime | None]

    code_digest: Mapped[bytes | None] = mapped_column(unique=True)
    code_used_at: Mapped[datetime | None]
    redirect_uri: Mapped[str | None]
    code_challenge: Mapped[str | None]

    generation: Mapped[int]
    """Which refresh token is in force: 1 is the one that came with the code."""
    refreshed_at: Mapped[datetime | None]


class RevokedToken(Model):
    """An access token taken back before its time (RFC 7009); forgotten once it would have ended."""

    __tablename__ = "revoked_token"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SpentAssertion(Model):
    """A client assertion's ``jti``, accepted once, ever, on all nodes (RFC 7523 section 3)."""

    __tablename__ = "spent_assertion"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
