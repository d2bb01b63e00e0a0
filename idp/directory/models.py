"""The tables of persons, usernames, organizations and memberships."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from idp.directory.folding import searchable
from idp.foundation.database import Model

_Ordered = String().with_variant(String(collation="C"), "postgresql")
"""Ordered by code point in every store."""


class Organization(Model):
    """An organization whose people use the portal."""

    __tablename__ = "organization"

    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str]
    uses_sso: Mapped[bool] = mapped_column(default=False)
    """Whether its people arrive through its own identity provider; federation switches it."""
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class Person(Model):
    """A human being with one account; ``id`` is the ``sub`` of every token and never changes."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str]
    """As typed when it was given; its reservation is the row of `Username`."""
    username_key: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(_Ordered, index=True)
    """Family and given name, `searchable`: lists are ordered and searched by it."""
    email: Mapped[str | None] = mapped_column(index=True)
    """Where its links go; confirmed once a link sent there was used."""
    email_confirmed_at: Mapped[datetime | None]
    locale: Mapped[str | None]
    created_at: Mapped[datetime]
    created_in: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    """The organization that formed the account; it alone may link it to its SSO later."""
    locked_at: Mapped[datetime | None]
    valid_since: Mapped[datetime]
    """Sessions and tokens begun before this moment are dead (design idea 9)."""
    last_organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    is_operator: Mapped[bool] = mapped_column(default=False)

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="person", cascade="all, delete-orphan"
    )


class Username(Model):
    """The ledger: who holds or has ever held a username, and never anybody else (M17)."""

    __tablename__ = "username"

    key: Mapped[str] = mapped_column(primary_key=True)
    """NFKC, case-folded."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)


class UsernamePeriod(Model):
    """One stretch of time in which a person held a username."""

    __tablename__ = "username_period"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("username.key"), index=True)
    username: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    held_from: Mapped[datetime]
    held_until: Mapped[datetime | None]
    changed_by: Mapped[str]
    """Who gave it: the actor's kind and id, as in the audit log."""
    reason: Mapped[str]


class Membership(Model):
    """A person in one organization: what they are there and, if federated, what it says of them."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_organization", "organization_id", "person_id"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    title: Mapped[str] = mapped_column(default="", server_default=text("''"))
    unit: Mapped[str] = mapped_column(default="", server_default=text("''"))
    is_main_user: Mapped[bool] = mapped_column(default=False)
    is_it_admin: Mapped[bool] = mapped_column(default=False)
    keeps_password: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether a password still opens the organization while it uses SSO: for emergencies."""
    created_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    source: Mapped[str | None]
    """What the connection that supplies this profile is called; None where the person keeps it."""
    synced_at: Mapped[datetime | None]
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    email: Mapped[str | None]
    search_key: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """The texts of this row, `searchable`; follows them by itself where the ORM sets them."""

    person: Mapped[Person] = relationship(back_populates="memberships")
    organization: Mapped[Organization] = relationship()

    @property
    def roles(self) -> list[str]:
        """The roles held here, as ``org_roles`` says them."""
        held = {"main_user": self.is_main_user, "it_admin": self.is_it_admin}
        return [role for role, is_held in held.items() if is_held]

    @validates("title", "unit", "given_name", "family_name", "email")
    def _keep_searchable(self, name: str, value: str | None) -> str | None:
        texts = {
            "title": self.title,
            "unit": self.unit,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "email": self.email,
            name: value,
        }
        self.search_key = searchable(" ".join(text for text in texts.values() if text))
        return value
