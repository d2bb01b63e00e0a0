"""The tables of credentials, sessions and mailed links."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class Credential(Model):
    """A person's password, as an Argon2id hash."""

    __tablename__ = "credential"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]


class SessionRecord(Model):
    """A browser's session; ``id`` is the ``sid`` of tokens, the cookie's secret only a digest."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    authentications: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """What was proved here: ``method``, ``connection``, ``organization`` (None: any that uses
    passwords) and ``auth_time`` (microseconds since 1970), newest last."""
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    """The organization last chosen in this session."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    network: Mapped[str]
    user_agent: Mapped[str]


class Link(Model):
    """A mailed link: made at the request, opened any number of times, used once."""

    __tablename__ = "link"

    id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    """``password`` (first or forgotten: the same) or ``email`` (confirms an address)."""
    digest: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    """The organization whose main user sent it; None where the person ordered it."""
    address: Mapped[str]
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    """When its form was first shown; a mail scanner's look counts too, and uses nothing up."""
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
