"""The people of an organization by how far they have come with their passwords, page by page.

`people.page` of the directory lists and searches everybody, but knows nothing of passwords. Whoever
makes one here keeps their own profile, so that it is the person's own words that are searched.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, contains_eager

from idp.authentication.models import Credential
from idp.authentication.people_state import LINK_MAILS
from idp.directory.folding import fold, searchable
from idp.directory.models import Membership, Person
from idp.directory.people import (
    LAST_PAGE,
    LONGEST_SEARCH,
    MOST_WORDS,
    PAGE_SIZE,
    Listed,
    Page,
    Role,
)
from idp.foundation.database import Transaction
from idp.foundation.outbox_models import OutboxItem


class Progress(StrEnum):
    """How far somebody has come who signs in with a password and is not locked."""

    ACTIVE = "active"
    """Has made it."""
    WAITING = "waiting"
    """Has not made it yet."""
    BOUNCED = "bounced"
    """Has not made it yet, and the last mail with a link did not arrive."""


def page_of(
    tx: Transaction,
    organization_id: str,
    progress: Progress,
    *,
    search: str = "",
    role: Role | None = None,
    number: int = 1,
) -> Page:
    """A page of the people who have come this far; searched as `people.page` does."""
    matching = _matching(organization_id, progress, search, role)
    total = tx.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(1, number), pages, LAST_PAGE)
    rows = tx.session.scalars(
        matching.options(contains_eager(Membership.person))
        .order_by(Person.sort_name, Person.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page(people=tuple(map(_listed, rows)), number=number, pages=pages, total=total)


def _matching(
    organization_id: str, progress: Progress, search: str, role: Role | None
) -> Select[Membership]:
    has_password = select(Credential.person_id).where(Credential.person_id == Person.id).exists()
    found = (
        select(Membership)
        .join(Membership.person)
        .where(
            Membership.organization_id == organization_id,
            Membership.source.is_(None),
            Membership.locked_at.is_(None),
            Person.locked_at.is_(None),
            has_password if progress is Progress.ACTIVE else ~has_password,
            *map(_has, search[:LONGEST_SEARCH].split()[:MOST_WORDS]),
        )
    )
    if progress is Progress.BOUNCED:
        found = found.where(Person.id.in_(_bounced(organization_id)))
    if role:
        held = {"main_user": Membership.is_main_user, "it_admin": Membership.is_it_admin}
        found = found.where(held[role])
    return found


def _bounced(organization_id: str) -> Select[str | None]:
    """Whose last mail with a link, among those the organization sees, did not arrive."""
    later = aliased(OutboxItem)
    is_later = (later.person_id == OutboxItem.person_id) & (
        later.created_at > OutboxItem.created_at
    )
    return select(OutboxItem.person_id).where(
        OutboxItem.state.in_(("bounced", "failed")),
        *_seen_by(OutboxItem, organization_id),
        ~select(later.id).where(is_later, *_seen_by(later, organization_id)).exists(),
    )


def _seen_by(mail: Any, organization_id: str) -> tuple[ColumnElement[bool], ...]:
    is_ours = mail.organization_id == organization_id
    return mail.kind.in_(LINK_MAILS), mail.organization_id.is_(None) | is_ours


def _has(word: str) -> ColumnElement[bool]:
    looked_for, typed = _text(searchable(word)), _text(fold(word))
    return (
        Person.sort_name.contains(looked_for, autoescape=True)
        | Membership.search_key.contains(looked_for, autoescape=True)
        | Person.username_key.contains(typed, autoescape=True)
        | func.lower(Person.email).contains(typed, autoescape=True)
    )


def _text(word: str) -> str:
    """What a store can be asked for: no store takes every character."""
    return "".join(letter for letter in word if letter.isprintable())


def _listed(membership: Membership) -> Listed:
    person = membership.person
    return Listed(
        person_id=person.id,
        username=person.username,
        given_name=person.given_name,
        family_name=person.family_name,
        email=person.email,
        email_is_confirmed=person.email_confirmed_at is not None,
        title=membership.title,
        unit=membership.unit,
        roles=tuple(membership.roles),
        source=None,
        added_at=membership.created_at,
        is_locked=False,
        is_person_locked=False,
    )
