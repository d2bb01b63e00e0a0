"""The tables of connections, linked identities, and what came in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class ConnectionRecord(Model):
    """An organization's way in through its own identity provider."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str]
    """A slug, unique in the organization; it stands in addresses."""
    kind: Mapped[str]
    """``oidc``, ``saml`` or ``kerberos``."""
    product: Mapped[str]
    """The preset it is based on."""
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The configuration, secrets left out, mapping and policy in it."""
    sealed_secrets: Mapped[str]
    """A dictionary of what must be read again, sealed with the connection's id as context."""
    is_default: Mapped[bool] = mapped_column(default=False)
    """Whether the organization's SSO link leads here."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    enabled_at: Mapped[datetime | None]
    """Since when people arrive through it; None while it is switched off."""
    piloted_at: Mapped[datetime | None]
    """Since when its pilot group arrives through it while it is not on; None without one."""
    disabled_at: Mapped[datetime | None]
    """When it was switched off last."""


class ConnectionVersion(Model):
    """A connection as it stood after a change, with who made it and why; never a secret."""

    __tablename__ = "connection_version"

    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_enabled: Mapped[bool]
    changed_by: Mapped[str]
    """The actor's kind and id, as in the audit log."""
    reason: Mapped[str]
    changed_at: Mapped[datetime]


class ExternalIdentityRecord(Model):
    """A person's identity upstream; a closed one stays as history."""

    __tablename__ = "external_identity"
    __table_args__ = (
        Index(
            "uq_external_identity_open",
            "connection_id",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    subject: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    linked_by: Mapped[str]
    """The actor's kind and id, as in the audit log."""
    linked_how: Mapped[str]
    """``created``, ``organization``, ``approval`` or ``proof`` (design idea 4)."""
    linked_at: Mapped[datetime]
    last_asserted_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_why: Mapped[str | None]


class LinkApproval(Model):
    """A link that an arrival asks for and a main user may allow; bound to that exact subject."""

    __tablename__ = "link_approval"
    __table_args__ = (UniqueConstraint("connection_id", "subject", "person_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    subject: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str]
    """Why it was not linked by itself."""
    reference: Mapped[str]
    """The arrival that asked last."""
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    """Until when the leave, once given, waits for the next arrival."""
    used_at: Mapped[datetime | None]


class Arrival(Model):
    """What came in and what became of it, as a masked shape: names, fingerprints, no values."""

    __tablename__ = "arrival"
    __table_args__ = (Index("ix_arrival_connection", "connection_id", "at"),)

    reference: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    """A reason code, or ``ok``."""
    is_test: Mapped[bool] = mapped_column(default=False)
    shape: Mapped[dict[str, Any]] = mapped_column(JSON)
    """``attributes``: name → fingerprints; ``expected`` and ``received`` of a refusal."""


class SsoAttempt(Model):
    """A browser on its way to an upstream and back; its id is the ``state`` or ``RelayState``."""

    __tablename__ = "sso_attempt"

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"))
    browser: Mapped[bytes]
    """Digest of the name of the browser that set out."""
    purpose: Mapped[str]
    """``sign_in``, ``silent``, ``test`` or ``link``; ``unasked`` where the upstream began."""
    sealed_request: Mapped[str | None]
    """The authorization request it goes on with, as the browser carried it."""
    sealed_kept: Mapped[str]
    """What the protocol wants to know again (nonce, verifier, request id), sealed."""
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]
    """When its one answer was taken."""
    handle: Mapped[bytes | None] = mapped_column(unique=True)
    """Digest of the handle under which a posted answer waits for its browser."""
    sealed_identity: Mapped[str | None]
    """The verified identity that waits, sealed."""
    finished_at: Mapped[datetime | None]
    """When the waiting identity was taken."""


class SpentAnswer(Model):
    """An assertion or token id that counted once, and counts on no node again."""

    __tablename__ = "spent_answer"

    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UpstreamSession(Model):
    """What a session owes to a connection: which organization it opens, until when."""

    __tablename__ = "upstream_session"
    __table_args__ = (Index("ix_upstream_session_sid_tag", "connection_id", "sid_tag"),)

    session_id: Mapped[str] = mapped_column(
        ForeignKey("session.id", ondelete="CASCADE"), primary_key=True
    )
    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"))
    subject: Mapped[str]
    sid_tag: Mapped[str | None]
    """A keyed digest of the upstream's session: OIDC ``sid`` or SAML ``SessionIndex``."""
    name_id_tag: Mapped[str | None]
    """A keyed digest of the SAML NameID's value."""
    sealed_logout: Mapped[str]
    """`identity.UpstreamLogout`: what the upstream is asked to sign out by."""
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """When the upstream says that its session ends at the latest."""
    ended_at: Mapped[datetime | None]


class OrganizationDomain(Model):
    """An e-mail domain that is an organization's; it suggests a way in, and joins nobody.

    Several may say that it is theirs; the store lets one of them have it shown to be so.
    """

    __tablename__ = "organization_domain"
    __table_args__ = (
        Index(
            "uq_organization_domain_verified",
            "domain",
            unique=True,
            sqlite_where=text("verified_at IS NOT NULL"),
            postgresql_where=text("verified_at IS NOT NULL"),
        ),
    )

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    challenge: Mapped[str]
    """What is to be published in DNS; no secret."""
    added_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    """When DNS was last asked."""
    verified_how: Mapped[str | None]
    """``operator`` or ``dns``."""
    verified_at: Mapped[datetime | None]
