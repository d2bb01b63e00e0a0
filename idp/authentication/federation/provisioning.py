"""Arrival: from a verified upstream identity to a person of the organization, in one transaction.

A first arrival forms account, membership and link together, however many arrive at once (M9). An
account that is there already is linked only where design idea 4 says so: this organization formed
it, its main user gave leave beforehand, or the person proved it to be theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.audit import Actor
from idp.authentication.federation import approvals, attempts, identities, known, profile_sync
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.mapping import apply
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.config import LOCALES
from idp.directory import persons, usernames
from idp.directory.models import Membership, Organization, Person
from idp.directory.persons import NewPerson
from idp.errors import Invalid
from idp.foundation.database import Transaction

_REQUIRED = ("username", "given_name", "family_name")


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """Whose session begins."""

    person_id: str
    locale: str | None


class LeaveNeeded(FederationRefused):
    """The arrival matches an account that is not linked without more; a main user may allow it."""

    def __init__(self, reason: Reason, person_id: str, *, may_prove: bool = False) -> None:
        self.person_id = person_id
        self.may_prove = may_prove
        """Whether signing in to the account would do instead."""
        super().__init__(reason, field="username")


def arrive(
    tx: Transaction,
    connection: Connection,
    identity: ExternalIdentity,
    *,
    by: Actor,
    proved: str | None = None,
) -> Arrived:
    """Find or form the person, refresh what the connection says of them; FederationRefused.

    ``proved`` is the id of the account that the person at this browser has just signed in to.
    What came unasked finds or forms a person, and links to no account that is there.
    """
    attempts.spend_answer(tx, identity)
    said = apply(connection.mapping, identity.attributes)
    row = known.find(tx, connection, identity.subject)
    if row is None:
        identities.serialize(tx, connection.organization_id)
        row = known.find(tx, connection, identity.subject)
    if row is None or row.member_id is None:
        if row is None:
            _first_arrival(tx, connection, identity, said, by=by, proved=proved)
        else:
            _rejoin(tx, connection, identity, row.person_id, by=by)
        row = known.find(tx, connection, identity.subject)
    _require_unlocked(row)
    known.note(tx, connection, row)
    profile_sync.refresh(tx, connection, row, said, by=by)
    return Arrived(person_id=row.person_id, locale=row.locale)


def require_standing(connection: Connection) -> None:
    """Go on where anybody may come in through this connection at all."""
    if connection.is_suspended:
        raise FederationRefused(Reason.ORGANIZATION_SUSPENDED)
    if not connection.is_enabled and not connection.policy.pilot:
        raise FederationRefused(Reason.CONNECTION_DISABLED)


def require_pilot(connection: Connection, identity: ExternalIdentity) -> None:
    """Go on where the connection is on for everybody, or for this username (its pilot group)."""
    if connection.is_enabled:
        return
    username = apply(connection.mapping, identity.attributes).get("username", "")
    if usernames.key(username) not in map(usernames.key, connection.policy.pilot):
        raise FederationRefused(Reason.NOT_IN_PILOT, field="username")


def _require_unlocked(row: Any) -> None:
    """Go on where neither the person nor their membership is locked."""
    if row.person_locked_at is not None:
        raise FederationRefused(Reason.PERSON_LOCKED)
    if row.membership_locked_at is not None:
        raise FederationRefused(Reason.MEMBERSHIP_LOCKED)


def _rejoin(
    tx: Transaction,
    connection: Connection,
    identity: ExternalIdentity,
    person_id: str,
    *,
    by: Actor,
) -> None:
    """Whom a main user removed comes back by a main user's leave, not by signing in."""
    if approvals.take(tx, connection.id, identity.subject) != person_id:
        raise LeaveNeeded(Reason.MEMBERSHIP_REMOVED, person_id)
    _link(tx, connection, identity, person_id, "approval", by=by)


def _first_arrival(
    tx: Transaction,
    connection: Connection,
    identity: ExternalIdentity,
    said: Mapping[str, str],
    *,
    by: Actor,
    proved: str | None,
) -> None:
    approved = approvals.take(tx, connection.id, identity.subject)
    if approved is not None:
        _link(tx, connection, identity, approved, "approval", by=by)
        return
    owner = usernames.owner(tx, _username(said))
    if owner is None:
        _form(tx, connection, identity, said, by=by)
        return
    _require_solicited(identity)
    if identities.open_through(tx, owner, connection.id):
        raise LeaveNeeded(Reason.ALREADY_LINKED, owner)
    if owner == proved:
        _link(tx, connection, identity, owner, "proof", by=by)
    elif _was_formed_here(tx, connection, owner):
        _link(tx, connection, identity, owner, "organization", by=by)
    else:
        raise LeaveNeeded(Reason.USERNAME_TAKEN, owner, may_prove=True)


def _username(said: Mapping[str, str]) -> str:
    """The mapped username; without one nobody can be told from anybody."""
    username = said.get("username")
    if not username:
        raise FederationRefused(Reason.ATTRIBUTE_MISSING, field="username")
    try:
        return usernames.validate(username)
    except Invalid as error:
        raise FederationRefused(
            Reason.ATTRIBUTE_INVALID, field="username", received=error.fields["username"]
        ) from error


def _was_formed_here(tx: Transaction, connection: Connection, person_id: str) -> bool:
    """Whether this organization formed the account, and has the person still."""
    person = tx.session.get_one(Person, person_id)
    key = {"person_id": person_id, "organization_id": connection.organization_id}
    is_member = tx.session.get(Membership, key) is not None
    return person.created_in == connection.organization_id and is_member


def _form(
    tx: Transaction,
    connection: Connection,
    identity: ExternalIdentity,
    said: Mapping[str, str],
    *,
    by: Actor,
) -> None:
    """A new account; its own e-mail is its username if anything, for links go there."""
    if not connection.policy.create_people:
        raise FederationRefused(Reason.PERSON_UNKNOWN)
    _require(said)
    kept, _ = profile_sync.clean(said)
    new = NewPerson(
        username=said["username"],
        given_name=said["given_name"],
        family_name=said["family_name"],
        title=kept.get("title", ""),
        unit=kept.get("unit", ""),
    )
    try:
        added = persons.add(tx, new, _organization(tx, connection), by=by, despite_sso=True)
    except Invalid as error:
        name, code = next(iter(error.fields.items()))
        raise FederationRefused(Reason.ATTRIBUTE_INVALID, field=name, received=code) from error
    if not added.is_new:
        # Another organization formed it a moment ago: nothing of this transaction may stand.
        raise FederationRefused(Reason.USERNAME_TAKEN, field="username")
    added.person.locale = _locale(said)
    identities.link(tx, connection, identity.subject, added.person.id, how="created", by=by)


def _require(said: Mapping[str, str]) -> None:
    for name in _REQUIRED:
        if not said.get(name):
            raise FederationRefused(Reason.ATTRIBUTE_MISSING, field=name)


def _link(
    tx: Transaction,
    connection: Connection,
    identity: ExternalIdentity,
    person_id: str,
    how: identities.How,
    *,
    by: Actor,
) -> None:
    """Link an account that is there, a member of the organization from now on."""
    _require_solicited(identity)
    person = tx.session.get_one(Person, person_id)
    key = {"person_id": person_id, "organization_id": connection.organization_id}
    if tx.session.get(Membership, key) is None:
        new = NewPerson(
            username=person.username,
            given_name=person.given_name,
            family_name=person.family_name,
        )
        persons.add(tx, new, _organization(tx, connection), by=by, despite_sso=True)
    identities.link(tx, connection, identity.subject, person_id, how=how, by=by)


def _require_solicited(identity: ExternalIdentity) -> None:
    """Go on where the browser asked: anybody might have slipped an answer of theirs into it."""
    if not identity.is_solicited:
        raise FederationRefused(Reason.SAML_NEEDS_REQUEST, field="username")


def _organization(tx: Transaction, connection: Connection) -> Organization:
    return tx.session.get_one(Organization, connection.organization_id)


def _locale(said: Mapping[str, str]) -> str | None:
    """The language asserted, where it is ours; once the account is there it is the person's own."""
    language = said.get("locale", "").partition("-")[0].partition("_")[0].lower()
    return language if language in LOCALES else None
