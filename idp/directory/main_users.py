"""What a main user does to people of the organization: reached through it, `access` asked first.

Who may enter the console at all is `access.asker_in`'s to say. Locking, removing and roles touch
the membership alone and need no more than that: they are in `memberships`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.audit import Actor
from idp.directory import access, memberships, profile, usernames
from idp.directory.access import Asker, Target
from idp.directory.models import Membership, Organization, Person
from idp.foundation.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A person of the organization, and the facts of what may be done to them."""

    person: Person
    membership: Membership
    organization: Organization
    target: Target


def reach(tx: Transaction, organization_id: str, person_id: str) -> Reached:
    """The person in this organization; NotFound for all others, existing or not."""
    membership = memberships.get(tx, organization_id, person_id)
    person, organization = membership.person, membership.organization
    elsewhere = memberships.belongs_elsewhere(tx, person_id, organization_id)
    return Reached(
        person=person,
        membership=membership,
        organization=organization,
        target=access.target(person, membership, organization, belongs_elsewhere=elsewhere),
    )


def rename_username(
    tx: Transaction,
    organization_id: str,
    person_id: str,
    new: str,
    *,
    by: Actor,
    reason: str,
    asker: Asker = Asker.MAIN_USER,
) -> str:
    """Change the username and return the old one (M18); NotAllowed with the reason why not."""
    reached = reach(tx, organization_id, person_id)
    access.may_rename_username(asker, reached.target).require()
    return usernames.rename(
        tx, person_id, new, by=by, reason=reason, organization_id=organization_id
    )


def change_profile(
    tx: Transaction,
    organization_id: str,
    person_id: str,
    changes: Mapping[str, object],
    *,
    by: Actor,
    asker: Asker = Asker.MAIN_USER,
) -> profile.ProfileChange:
    """Change title, unit and, where the account opens nothing else, name and e-mail."""
    reached = reach(tx, organization_id, person_id)
    return profile.change(
        tx,
        reached.person,
        reached.membership,
        reached.organization,
        changes,
        by=by,
        as_whom=asker,
    )


def for_password_link(tx: Transaction, organization_id: str, person_id: str) -> Person:
    """The person whom a password link may be sent to; NotAllowed with the reason why not."""
    reached = reach(tx, organization_id, person_id)
    access.may_send_password_link(reached.target).require()
    return reached.person


def for_ending_sessions(
    tx: Transaction, organization_id: str, person_id: str, *, asker: Asker = Asker.MAIN_USER
) -> Person:
    """The person whose sessions may be ended; NotAllowed with the reason why not."""
    reached = reach(tx, organization_id, person_id)
    access.may_end_sessions(asker, reached.target).require()
    return reached.person
