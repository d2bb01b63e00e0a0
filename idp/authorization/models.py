"""The tables of what clients were given: grants with their code and refresh token, revocations."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
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

    resource: Mapped[str]
    """The resources its access tokens may be for (RFC 8707), space-separated; empty: ours alone."""
    acr: Mapped[str | None]
    """How surely the person was authenticated, where the request asked or the sign-in says."""
    dpop_jkt: Mapped[str | None]
    """The thumbprint of the key that code and refresh token are bound to (RFC 9449)."""
    claims: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The single claims asked for by name and place (OpenID Connect Core 5.5)."""

    code_digest: Mapped[bytes | None] = mapped_column(unique=True)
    code_used_at: Mapped[datetime | None]
    """When the code was redeemed; a device's grant begins so."""
    redirect_uri: Mapped[str | None]
    code_challenge: Mapped[str | None]

    generation: Mapped[int]
    """Which refresh token is in force: 1 is the one that came with the code."""
    refreshed_at: Mapped[datetime | None]


class ConsentRecord(Model):
    """What a person has allowed a client that is not our own; gone once they take it back."""

    __tablename__ = "consent"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"), primary_key=True)
    scope: Mapped[str]
    """Everything ever allowed, space-separated."""
    begun_at: Mapped[datetime]
    given_at: Mapped[datetime]
    """When the person last said yes."""


class PushedRequest(Model):
    """An authorization request that came by the back channel (RFC 9126), sealed."""

    __tablename__ = "pushed_request"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    parameters: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    """When a code was issued from it."""


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


class SpentProof(Model):
    """A DPoP proof, accepted once, ever, on all nodes (RFC 9449 section 11.1)."""

    __tablename__ = "spent_proof"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    """Of the key's thumbprint and the proof's ``jti``."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class DeviceRequest(Model):
    """A device that waits for a person to approve it elsewhere (RFC 8628).

    The person's answer and the device's redemption are one conditional UPDATE each; what is
    redeemed goes on as a `Grant` like any other.
    """

    __tablename__ = "device_request"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"), index=True)
    code_digest: Mapped[bytes] = mapped_column(unique=True)
    user_code: Mapped[str] = mapped_column(unique=True)
    """A tag of the code a person types: so short a code would not be safe as a bare digest."""
    scope: Mapped[str]
    resource: Mapped[str]
    network: Mapped[str]
    """Where the device asked from; the person is shown it."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    polled_at: Mapped[datetime | None]
    interval: Mapped[int]
    """Seconds between two polls; grows by five whenever the device asks too soon."""

    answered_at: Mapped[datetime | None]
    is_approved: Mapped[bool]
    redeemed_at: Mapped[datetime | None]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    session_id: Mapped[str | None] = mapped_column(ForeignKey("session.id"))
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    auth_time: Mapped[datetime | None]
    amr: Mapped[str | None]
    acr: Mapped[str | None]
