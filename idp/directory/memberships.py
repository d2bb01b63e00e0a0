"""Memberships: what a person is in an organization, changed, locked and ended.

Each is reached through its organization, so that a foreign person is as good as none. The last main
user stays one, whoever acts and however many at once: those deeds queue at the organization's row.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select

from idp.audit import Actor, Event, record
from idp.directory import fields
from idp.directory.folding import is_visible
from idp.directory.models import Membership, Organization, Person
from idp.errors import NotAllowed, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction

_STANDING = Statement(
    select(
        Membership.person_id,
        Membership.organization_id,
        Organization.slug,
        Organization.name,
        Membership.title,
        Membership.unit,
        Membership.is_main_user,
        Membership.is_it_admin,
    )
    .join(Organization, Organization.id == Membership.organization_id)
    .where(
        Membership.person_id == bindparam("person"),
        Membership.locked_at.is_(None),
        Organization.suspended_at.is_(None),
    )
    .order_by(Organization.name)
)


def get(tx: Transaction, organization_id: str, person_id: str) -> Membership:
    """The person's membership in this organization as it is now; NotFound without one."""
    key = {"person_id": person_id, "organization_id": organization_id}
    if not all(map(is_visible, key.values())):
        raise NotFound
    membership = tx.session.get(Membership, key, populate_existing=True)
    if membership is None:
        raise NotFound
    return membership


def of_person(tx: Transaction, person_id: str) -> list[Membership]:
    """All of a person's memberships, by the organization's name; locked and suspended ones too."""
    return list(
        tx.session.scalars(
            select(Membership)
            .join(Membership.organization)
            .where(Membership.person_id == person_id)
            .order_by(Organization.name)
        )
    )


def standing(tx: Transaction, person_id: str) -> list[Any]:
    """The memberships that open something now, as rows for the claim ``organizations``."""
    return tx.all(_STANDING, person=person_id)


def belongs_elsewhere(tx: Transaction, person_id: str, organization_id: str) -> bool:
    """Whether the person's account opens another organization too, locked or suspended or not."""
    other = (
        select(Membership.person_id)
        .where(Membership.person_id == person_id, Membership.organization_id != organization_id)
        .limit(1)
    )
    return tx.session.scalar(other) is not None


def change_roles(
    tx: Transaction, organization_id: str, person_id: str, roles: Collection[str], *, by: Actor
) -> None:
    """Let the person hold just these roles; NotAllowed, ``last_main_user``, where none would."""
    kept = fields.clean({"roles": roles}, {"roles": fields.roles})["roles"]
    if "main_user" not in kept:
        _keep_a_main_user(tx, organization_id, person_id)
    membership = get(tx, organization_id, person_id)
    before = membership.roles
    if before == list(kept):
        return
    membership.is_main_user = "main_user" in kept
    membership.is_it_admin = "it_admin" in kept
    _record(tx, Event.MEMBERSHIP_CHANGED, membership, by, before=before, after=kept)


def lock(tx: Transaction, organization_id: str, person_id: str, *, by: Actor) -> None:
    """Shut the person out of this organization at once; NotAllowed for its last main user."""
    _keep_a_main_user(tx, organization_id, person_id)
    membership = get(tx, organization_id, person_id)
    if membership.locked_at is None:
        membership.locked_at = utcnow()
        _record(tx, Event.MEMBERSHIP_LOCKED, membership, by)


def unlock(tx: Transaction, organization_id: str, person_id: str, *, by: Actor) -> None:
    """Let the person into this organization again."""
    membership = get(tx, organization_id, person_id)
    if membership.locked_at is not None:
        membership.locked_at = None
        _record(tx, Event.MEMBERSHIP_UNLOCKED, membership, by)


def remove(tx: Transaction, organization_id: str, person_id: str, *, by: Actor) -> None:
    """End the membership; the account and its username stay. NotAllowed for the last main user."""
    _keep_a_main_user(tx, organization_id, person_id)
    membership = get(tx, organization_id, person_id)
    _record(tx, Event.MEMBERSHIP_REMOVED, membership, by, roles=membership.roles)
    tx.session.delete(membership)
    tx.flush()


def _keep_a_main_user(tx: Transaction, organization_id: str, person_id: str) -> None:
    """Refuse where the person is the last main user; until the commit nobody else gets past here.

    SQLite has one writer anyway; PostgreSQL waits at the organization's row. Read after the lock,
    never before: what the one before us did is seen.
    """
    organization = select(Organization.id).where(Organization.id == organization_id)
    tx.session.execute(organization.with_for_update(key_share=True))
    active = set(
        tx.session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.organization_id == organization_id,
                Membership.is_main_user,
                Membership.locked_at.is_(None),
                Person.locked_at.is_(None),
            )
        )
    )
    if active == {person_id}:
        raise NotAllowed("last_main_user")


def _record(
    tx: Transaction,
    event: Event,
    membership: Membership,
    by: Actor,
    **detail: Collection[str],
) -> None:
    record(
        tx,
        event,
        by=by,
        organization_id=membership.organization_id,
        target_id=membership.person_id,
        **{name: list(value) for name, value in detail.items()},
    )
