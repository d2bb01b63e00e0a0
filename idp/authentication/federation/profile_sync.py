"""What a connection says of a person, written on their membership: the profile of M12.

Three states for each field: asserted (it is written), absent (what is there stays), asserted empty
(cleared where the connection's policy says so). Before and after go to the audit log.
"""

from collections.abc import Mapping

from idp.audit import Actor, Event, record
from idp.authentication.federation.connection import Connection
from idp.directory import fields, memberships, persons
from idp.directory.models import Membership, Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction

SUPPLIED = ("given_name", "family_name", "email", "title", "unit")
"""The fields of a membership that a connection supplies; language and roles are never its."""
_CLEARED: Mapping[str, str | None] = {"email": None, "title": "", "unit": ""}


def refresh(
    tx: Transaction,
    connection: Connection,
    person: Person,
    membership: Membership,
    said: Mapping[str, str],
    *,
    by: Actor,
) -> None:
    """Write what was asserted; what does not fit its field is left out, and the log says so."""
    before = {name: getattr(membership, name) for name in SUPPLIED}
    kept, unfit = clean(said)
    cleared: dict[str, str | None] = {
        name: _CLEARED[name] for name in connection.policy.empty_clears if said.get(name) == ""
    }
    asserted: dict[str, str | None] = {**kept, **cleared}
    after = {name: value for name, value in asserted.items() if value != before[name]}
    for name, value in after.items():
        setattr(membership, name, value)
    membership.source, membership.synced_at = connection.title, utcnow()
    _follow(tx, person, membership)
    if after or unfit:
        record(
            tx,
            Event.PROFILE_SYNCED,
            by=by,
            organization_id=connection.organization_id,
            target_id=person.id,
            connection=connection.id,
            before={name: before[name] for name in after},
            after=after,
            unfit=sorted(unfit),
        )


def clean(said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The asserted values as they are kept, and for each that does not fit the code of why."""
    kept: dict[str, str] = {}
    unfit: dict[str, str] = {}
    for name in SUPPLIED:
        value = said.get(name)
        if not value:
            continue
        try:
            kept[name] = fields.PROFILE[name](value)
        except fields.Unfit as error:
            unfit[name] = error.code
    return kept, unfit


def _follow(tx: Transaction, person: Person, membership: Membership) -> None:
    """Let the account's own name follow where nobody but this organization ever had a say in it."""
    is_theirs = person.created_in == membership.organization_id
    if not is_theirs or memberships.belongs_elsewhere(tx, person.id, membership.organization_id):
        return
    person.given_name = membership.given_name or person.given_name
    person.family_name = membership.family_name or person.family_name
    person.sort_name = persons.sort_name(person.given_name, person.family_name)
