"""The people of an organization as its console lists them: searched, filtered, page by page.

Made for ten thousand in one organization: one query a page, the page's size and number bounded.
What they did (signed in, chose a password) is known elsewhere; it is joined by the ids of a page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from idp.directory.folding import fold, searchable
from idp.directory.models import Membership, Person
from idp.foundation.database import Transaction

PAGE_SIZE = 50
LAST_PAGE = 10_000
LONGEST_SEARCH = 200
MOST_WORDS = 5

Role = Literal["main_user", "it_admin"]
State = Literal["active", "locked"]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A person as the organization sees them: its own word where its SSO supplies the profile."""

    person_id: str
    username: str
    given_name: str
    family_name: str
    email: str | None
    email_is_confirmed: bool
    title: str
    unit: str
    roles: tuple[str, ...]
    source: str | None
    added_at: datetime
    is_locked: bool
    """Locked in this organization."""
    is_person_locked: bool
    """Locked everywhere, by the operator."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a search; ``number`` counts from 1."""

    people: tuple[Listed, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many there are of each kind."""

    people: int
    main_users: int
    it_admins: int
    locked: int


def page(
    tx: Transaction,
    organization_id: str,
    *,
    search: str = "",
    role: Role | None = None,
    state: State | None = None,
    number: int = 1,
    size: int = PAGE_SIZE,
) -> Page:
    """A page of the people whose name, username, e-mail, title or unit has every word searched.

    In the order of their names. A number beyond the last page gives the last one.
    """
    conditions = [
        Membership.organization_id == organization_id,
        *_matches(search),
        *_of_role(role),
        *_of_state(state),
    ]
    matching = select(func.count()).select_from(Membership).join(Membership.person)
    total = tx.session.scalar(matching.where(*conditions)) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages, LAST_PAGE)
    rows = tx.session.execute(
        _LISTED.where(*conditions)
        .order_by(_BY_NAME, Person.id)
        .limit(size)
        .offset((number - 1) * size)
    )
    return Page(people=tuple(map(_listed, rows)), number=number, pages=pages, total=total)


def counts(tx: Transaction, organization_id: str) -> Counts:
    """How many people the organization has, and how many of each kind."""
    found = tx.session.execute(_COUNTED.where(Membership.organization_id == organization_id))
    return Counts(**found.mappings().one())


# No plain column: a store must not walk the index of all persons' names to find ours in order.
_BY_NAME = Person.sort_name.concat("")
_IS_OWN = Membership.source.is_(None)
_LOCKED = Membership.locked_at.is_not(None) | Person.locked_at.is_not(None)


def _seen(own: Any, supplied: Any, name: str) -> ColumnElement[Any]:
    """The person's own value, or the one that the organization's SSO supplies."""
    return case((_IS_OWN, own), else_=func.coalesce(supplied, own)).label(name)


_LISTED: Select[Any] = select(
    Membership,
    Person.username,
    _seen(Person.given_name, Membership.given_name, "given_name"),
    _seen(Person.family_name, Membership.family_name, "family_name"),
    _seen(Person.email, Membership.email, "email"),
    Person.email_confirmed_at,
    Person.locked_at.label("person_locked_at"),
).join(Membership.person)


_COUNTED = select(
    func.count().label("people"),
    func.count(case((Membership.is_main_user, 1))).label("main_users"),
    func.count(case((Membership.is_it_admin, 1))).label("it_admins"),
    func.count(case((_LOCKED, 1))).label("locked"),
).join_from(Membership, Person)


def _matches(search: str) -> list[ColumnElement[bool]]:
    """Each word has to be in something that is shown; what SSO replaces is not searched."""
    return [_has(word) for word in search[:LONGEST_SEARCH].split()[:MOST_WORDS]]


def _has(word: str) -> ColumnElement[bool]:
    looked_for, typed = _text(searchable(word)), _text(fold(word))
    own_name = Person.sort_name.contains(looked_for, autoescape=True)
    own_email = func.lower(Person.email).contains(typed, autoescape=True)
    return (
        Person.username_key.contains(typed, autoescape=True)
        | Membership.search_key.contains(looked_for, autoescape=True)
        | ((_IS_OWN | Membership.family_name.is_(None)) & own_name)
        | ((_IS_OWN | Membership.email.is_(None)) & own_email)
    )


def _text(word: str) -> str:
    """What a store can be asked for: no store takes every character."""
    return "".join(letter for letter in word if letter.isprintable())


def _of_role(role: Role | None) -> list[ColumnElement[bool]]:
    held = {"main_user": Membership.is_main_user, "it_admin": Membership.is_it_admin}
    return [] if role is None else [held[role].is_(True)]


def _of_state(state: State | None) -> list[ColumnElement[bool]]:
    if state is None:
        return []
    return [_LOCKED if state == "locked" else ~_LOCKED]


def _listed(row: Row[Any]) -> Listed:
    membership: Membership = row[0]
    return Listed(
        person_id=membership.person_id,
        username=row.username,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        email_is_confirmed=row.email_confirmed_at is not None,
        title=membership.title,
        unit=membership.unit,
        roles=tuple(membership.roles),
        source=membership.source,
        added_at=membership.created_at,
        is_locked=membership.locked_at is not None,
        is_person_locked=row.person_locked_at is not None,
    )
