"""The table of metadata that is fetched: when, and what waits for a person."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Model


class SamlRefresh(Model):
    """How a connection's metadata address has answered."""

    __tablename__ = "saml_refresh"

    connection_id: Mapped[str] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    next_at: Mapped[datetime]
    """From when on it is asked again."""
    checked_at: Mapped[datetime | None]
    """When it last gave a document that can be used."""
    problem: Mapped[str | None]
    """The reason's code where it gave none the last time."""
    waiting: Mapped[str | None]
    """A document whose keys nothing we trust stands for; a person compares and accepts it."""
    waiting_since: Mapped[datetime | None]
