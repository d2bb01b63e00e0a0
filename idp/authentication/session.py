"""A session as a value: who signed in at a browser, how, and which organizations that opens.

A session is a list of authentications; a password opens every organization that uses passwords, a
connection only its own (design idea 3).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Authentication:
    """One proof of who is there; ``method`` is the ``amr`` value (RFC 8176)."""

    method: str
    auth_time: datetime
    connection: str | None = None
    organization: str | None = None
    """The only organization it vouches for; None for a password: all that use passwords."""

    def opens(self, place: "Place") -> bool:
        """Whether it vouches for this organization."""
        if self.organization is None:
            return not place.uses_sso
        return self.organization == place.organization_id and place.is_vouched_for


@dataclass(frozen=True, kw_only=True)
class Place:
    """An organization the session's person belongs to, and what they are there."""

    organization_id: str
    slug: str
    name: str
    uses_sso: bool
    is_main_user: bool
    is_it_admin: bool
    is_vouched_for: bool = False
    """Whether a connection that opened it in this session still stands for it."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A live session; ``places`` are the memberships that stand."""

    id: str
    person_id: str
    username: str
    given_name: str
    family_name: str
    email: str | None
    locale: str | None
    is_operator: bool
    last_organization_id: str | None
    organization_id: str | None
    created_at: datetime
    seen_at: datetime
    authentications: tuple[Authentication, ...]
    places: tuple[Place, ...] = field(default=())

    @property
    def auth_time(self) -> datetime:
        """The moment of the latest real sign-in, whatever it opens."""
        return self.authentications[-1].auth_time

    def proofs_for(self, place: Place) -> tuple[Authentication, ...]:
        """What was proved here that vouches for this organization, the latest last."""
        return tuple(item for item in self.authentications if item.opens(place))

    def auth_time_in(self, place: Place) -> datetime:
        """The moment of the latest real sign-in that opens this organization."""
        return self.proofs_for(place)[-1].auth_time

    def amr_in(self, place: Place) -> str:
        """The methods that open this organization, space-separated, each once."""
        return " ".join(dict.fromkeys(item.method for item in self.proofs_for(place)))

    def opens(self, place: Place) -> bool:
        """Whether what was proved here vouches for this organization."""
        return bool(self.proofs_for(place))

    @property
    def last_way_in(self) -> Place | None:
        """The organization whose own way in the latest proof came by; None after a password."""
        latest = self.authentications[-1]
        place = self.place(latest.organization)
        return place if place and place.uses_sso and latest.opens(place) else None

    def place(self, organization_id: str | None) -> Place | None:
        """The standing membership in that organization; None if there is none."""
        return next((p for p in self.places if p.organization_id == organization_id), None)

    def place_called(self, slug: str) -> Place | None:
        """The standing membership in the organization with that slug; None if there is none."""
        return next((p for p in self.places if p.slug == slug), None)


def plain(authentication: Authentication) -> dict[str, Any]:
    """The authentication as the session's row keeps it."""
    return {
        **vars(authentication),
        "auth_time": (authentication.auth_time - _EPOCH) // timedelta(microseconds=1),
    }


def from_rows(rows: list[Any]) -> Session:
    """The session of its rows: one for each standing membership, at least one."""
    first = rows[0]
    return Session(
        id=first.id,
        person_id=first.person_id,
        username=first.username,
        given_name=first.given_name,
        family_name=first.family_name,
        email=first.email,
        locale=first.locale,
        is_operator=first.is_operator,
        last_organization_id=first.last_organization_id,
        organization_id=first.chosen_id,
        created_at=first.created_at,
        seen_at=first.seen_at,
        authentications=tuple(
            Authentication(
                **{
                    **item,
                    "auth_time": _EPOCH + timedelta(microseconds=item["auth_time"]),
                }
            )
            for item in first.authentications
        ),
        places=tuple(
            Place(
                organization_id=row.organization_id,
                slug=row.slug,
                name=row.name,
                uses_sso=row.uses_sso,
                is_main_user=row.is_main_user,
                is_it_admin=row.is_it_admin,
                is_vouched_for=bool(row.is_vouched_for),
            )
            for row in rows
            if row.organization_id
        ),
    )
