"""Changing a profile: all of a change or nothing of it, and only what may be edited (M11, M12).

A new e-mail address counts once a link mailed to it was followed, so that a mistyped or a foreign
address never gets anybody's links. Only where none was ever confirmed do those who look after the
person's account put it right at once: there is nothing yet that the new one displaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.audit import Actor, Event, record
from idp.directory import access, fields, memberships, persons
from idp.directory.access import Asker, FieldAccess, Reason
from idp.directory.claims import supplied
from idp.directory.models import Membership, Organization, Person
from idp.errors import Invalid, NotAllowed
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

_FIXED = {
    "preferred_username": "username_not_changeable",
    "username": "username_not_changeable",
    **dict.fromkeys(
        ("sub", "name", "email_verified", "org", "org_id", "org_name", "org_roles"), "fixed_field"
    ),
    **dict.fromkeys(("organizations", "profile_access", "pending_email"), "fixed_field"),
}
"""What userinfo says and nobody writes."""

_OF_PERSON = ("given_name", "family_name", "email")
_OF_MEMBERSHIP = ("title", "unit")


class ReadOnly(NotAllowed):
    """Fields that this asker cannot edit here; ``fields`` says of each why, and where instead."""

    code = "profile_read_only"

    def __init__(self, read_only: Mapping[str, FieldAccess]) -> None:
        self.fields = dict(read_only)
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class ProfileChange:
    """What a change came to; ``pending_email`` waits for its mailed link, None: no such thing."""

    changed: frozenset[str]
    pending_email: str | None = None


def change(
    tx: Transaction,
    person: Person,
    membership: Membership | None,
    organization: Organization | None,
    changes: Mapping[str, object],
    *,
    by: Actor,
    as_whom: Asker = Asker.SELF,
) -> ProfileChange:
    """Put ``changes`` (None clears title, unit, locale) into effect; what is the same stays quiet.

    ReadOnly where a field is not ``as_whom``'s to edit in this organization; Invalid where a field
    is unknown or does not hold. The caller orders the link for a pending address (M11).
    """
    unknown = {
        name: _FIXED.get(name, "unknown_field") for name in changes if name not in fields.PROFILE
    }
    if unknown:
        raise Invalid(unknown | _unfit(changes))
    tx.session.refresh(person, with_for_update={"key_share": True})
    now_is = values(person, membership)
    wanted = {name: value for name, value in changes.items() if not _same(value, now_is[name])}
    may = _access(tx, person, membership, organization, as_whom)
    if read_only := {name: may[name] for name in wanted if not may[name].editable}:
        raise ReadOnly(read_only)
    kept = fields.clean(wanted, fields.PROFILE)
    after = {name: value for name, value in kept.items() if not _same(value, now_is[name])}
    pending = None
    if as_whom is Asker.SELF or person.email_confirmed_at is not None:
        pending = after.pop("email", None)
    _apply(person, membership, after)
    place = organization.id if organization else None
    if after:
        record(
            tx,
            Event.PROFILE_CHANGED,
            by=by,
            organization_id=place,
            target_id=person.id,
            before={name: now_is[name] for name in after},
            after=after,
        )
    if pending is not None:
        record(
            tx,
            Event.EMAIL_CHANGE_REQUESTED,
            by=by,
            organization_id=place,
            target_id=person.id,
            address=pending,
        )
    return ProfileChange(changed=frozenset(after), pending_email=pending)


def values(person: Person, membership: Membership | None) -> dict[str, str | None]:
    """The profile in this organization: its own word where its SSO supplies it (design idea 1)."""
    own = {"locale": person.locale}
    if membership is None:
        names = {name: getattr(person, name) for name in _OF_PERSON}
        return names | own | dict.fromkeys(_OF_MEMBERSHIP, "")
    names = {
        name: supplied(membership.source, getattr(membership, name), getattr(person, name))
        for name in _OF_PERSON
    }
    return names | own | {"title": membership.title, "unit": membership.unit}


def confirm_email(
    tx: Transaction,
    person_id: str,
    address: str,
    *,
    by: Actor,
    ordered_in: str | None = None,
) -> str | None:
    """Let the links go to ``address`` from now on: its mailed link was followed.

    Returns the address it replaces, which is to be told; None where there was none, or the same.
    ``ordered_in``: the organization whose main user asked for it; NotAllowed where the account has
    come to open another one since.
    """
    person = persons.get(tx, person_id)
    tx.session.refresh(person, with_for_update={"key_share": True})
    if ordered_in is not None and memberships.belongs_elsewhere(tx, person_id, ordered_in):
        raise NotAllowed(Reason.OTHER_ORGANIZATION.value)
    before = person.email
    person.email, person.email_confirmed_at = address, utcnow()
    record(tx, Event.EMAIL_CONFIRMED, by=by, target_id=person_id, before=before, address=address)
    return None if before == address else before


def email_reached(tx: Transaction, person_id: str, address: str) -> None:
    """Note that a link sent to ``address`` was used; it says nothing of any other address."""
    person = persons.get(tx, person_id)
    if person.email == address and person.email_confirmed_at is None:
        person.email_confirmed_at = utcnow()


def _unfit(changes: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with the fields that there are."""
    known = {name: value for name, value in changes.items() if name in fields.PROFILE}
    try:
        fields.clean(known, fields.PROFILE)
    except Invalid as error:
        return error.fields
    return {}


def _same(value: object, before: str | None) -> bool:
    return value == before or (value in (None, "") and not before)


def _access(
    tx: Transaction,
    person: Person,
    membership: Membership | None,
    organization: Organization | None,
    as_whom: Asker,
) -> dict[str, FieldAccess]:
    elsewhere = (
        as_whom is Asker.MAIN_USER
        and organization is not None
        and memberships.belongs_elsewhere(tx, person.id, organization.id)
    )
    return access.profile_access(
        person, membership, organization, asker=as_whom, belongs_elsewhere=elsewhere
    )


def _apply(person: Person, membership: Membership | None, after: Mapping[str, str | None]) -> None:
    for name, value in after.items():
        setattr(membership if name in _OF_MEMBERSHIP else person, name, value)
    if "email" in after:
        person.email_confirmed_at = None
    person.sort_name = persons.sort_name(person.given_name, person.family_name)
