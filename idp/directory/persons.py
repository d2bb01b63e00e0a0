"""Persons: added once, found by username, locked and unlocked as a whole."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from idp.audit import Actor, Event, record
from idp.directory import access, fields, usernames
from idp.directory.folding import fold, is_visible, searchable
from idp.directory.models import Membership, Organization, Person
from idp.directory.unique import insert
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

_ACCOUNT: dict[str, fields.Rule] = {
    "username": usernames.check,
    "given_name": fields.name,
    "family_name": fields.name,
    "email": fields.email,
}
_MEMBERSHIP: dict[str, fields.Rule] = {
    "title": fields.line,
    "unit": fields.line,
    "roles": fields.roles,
}


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """Who is to be added; ``email`` None: the username, where that is an address (M3)."""

    username: str
    given_name: str
    family_name: str
    email: str | None = None
    title: str = ""
    unit: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Added:
    """What adding came to: a new account, or a membership for an account that was there (M6)."""

    person: Person
    membership: Membership
    is_new: bool
    differs: tuple[str, ...] = ()
    """Which given fields the account says otherwise: is it the person who was meant?"""


def add(
    tx: Transaction,
    new: NewPerson,
    organization: Organization,
    *,
    by: Actor,
    despite_sso: bool = False,
) -> Added:
    """Add a person to the organization; a username that is known brings its account with it (M6).

    An account keeps its own name and e-mail; title, unit and roles are the membership's. Invalid
    with every field that does not hold, ``already_member`` or ``username_taken`` among them;
    NotAllowed, ``organization_uses_sso``, unless ``despite_sso`` (the operator's way back in).
    A refusal undoes the whole transaction.
    """
    if not despite_sso:
        access.may_add_people(organization).require()
    known = by_username(tx, new.username)
    rules = _MEMBERSHIP if known else _MEMBERSHIP | _ACCOUNT
    given = {name: value for name, value in _given(new).items() if name in rules}
    kept = fields.clean(given, rules)
    formed = None if known else _form(tx, kept, organization, by=by)
    # Neither: somebody was quicker by a moment, and the username is known now.
    person = formed or known or by_username(tx, new.username)
    if person is None:
        raise Invalid({"username": "username_taken"})
    return Added(
        person=person,
        membership=_join(tx, person, organization, kept, by=by),
        is_new=formed is not None,
        differs=() if formed else _differences(new, person),
    )


def get(tx: Transaction, person_id: str) -> Person:
    """The person with this id (``sub``); NotFound without one."""
    person = tx.session.get(Person, person_id) if is_visible(person_id) else None
    if person is None:
        raise NotFound
    return person


def by_username(tx: Transaction, username: str) -> Person | None:
    """The person who holds this username now; None where nobody does, whatever was typed."""
    return tx.session.scalar(
        select(Person)
        .where(Person.username_key == usernames.key(username))
        .execution_options(populate_existing=True)
    )


def lock(tx: Transaction, person_id: str, *, by: Actor, reason: str = "") -> None:
    """Shut the person out everywhere and end what they have begun; locked already stays locked.

    Whether the actor may is `access.may_lock_person`'s to say.
    """
    kept = fields.clean({"reason": reason}, {"reason": fields.line})
    person = get(tx, person_id)
    if person.locked_at is None:
        person.locked_at = person.valid_since = utcnow()
        record(tx, Event.PERSON_LOCKED, by=by, target_id=person_id, reason=kept["reason"])


def unlock(tx: Transaction, person_id: str, *, by: Actor) -> None:
    """Let the person sign in again; what was ended stays ended."""
    person = get(tx, person_id)
    if person.locked_at is not None:
        person.locked_at = None
        record(tx, Event.PERSON_UNLOCKED, by=by, target_id=person_id)


def sort_name(given_name: str, family_name: str) -> str:
    """What lists order and find a person by."""
    return searchable(f"{family_name} {given_name}")


def _given(new: NewPerson) -> dict[str, Any]:
    """What was given; an address stands in it only where there is one."""
    given = asdict(new)
    given["email"] = new.email or (new.username.strip() if fields.is_email(new.username) else "")
    return {name: value for name, value in given.items() if name != "email" or value}


def _form(
    tx: Transaction, kept: dict[str, Any], organization: Organization, *, by: Actor
) -> Person | None:
    """A new account with its username reserved; None where somebody has just taken it."""
    if usernames.owner(tx, kept["username"]) is not None:
        raise Invalid({"username": "username_taken"})
    now = utcnow()
    person = Person(
        id=random_id(),
        username=kept["username"],
        username_key=usernames.key(kept["username"]),
        given_name=kept["given_name"],
        family_name=kept["family_name"],
        sort_name=sort_name(kept["given_name"], kept["family_name"]),
        email=kept.get("email"),
        email_confirmed_at=None,
        locale=None,
        created_at=now,
        created_in=organization.id,
        locked_at=None,
        valid_since=now,
        last_organization_id=None,
        is_operator=False,
    )
    if not insert(tx, person):
        return None
    usernames.reserve(tx, person.id, person.username, by=by, reason="person.added")
    record(
        tx,
        Event.PERSON_ADDED,
        by=by,
        organization_id=organization.id,
        target_id=person.id,
        username=person.username,
    )
    return person


def _join(
    tx: Transaction,
    person: Person,
    organization: Organization,
    kept: dict[str, Any],
    *,
    by: Actor,
) -> Membership:
    roles = kept["roles"]
    membership = Membership(
        person_id=person.id,
        organization_id=organization.id,
        title=kept["title"],
        unit=kept["unit"],
        is_main_user="main_user" in roles,
        is_it_admin="it_admin" in roles,
        created_at=utcnow(),
    )
    if not insert(tx, membership):
        raise Invalid({"username": "already_member"})
    record(
        tx,
        Event.MEMBERSHIP_ADDED,
        by=by,
        organization_id=organization.id,
        target_id=person.id,
        username=person.username,
        roles=roles,
    )
    return membership


def _differences(new: NewPerson, person: Person) -> tuple[str, ...]:
    given = _given(new)
    return tuple(
        name
        for name in ("given_name", "family_name", "email")
        if given.get(name) and fold(given[name].strip()) != fold(getattr(person, name) or "")
    )
