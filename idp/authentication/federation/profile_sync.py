"""What a connection says of a person, written on their membership: the profile of M12.

Three states for each field: asserted (it is written), absent (what is there stays), asserted empty
(cleared where the connection's policy says so). Before and after go to the audit log.
"""

from collections.abc import Mapping
from typing import Any

from idp.audit import Actor, Event, record
from idp.authentication.federation.connection import Connection
from idp.directory import fields, memberships, persons
from idp.foundation.database import Transaction

SUPPLIED = ("given_name", "family_name", "email", "title", "unit")
"""The fields of a membership that a connection supplies; language and roles are never its."""
_CLEARED: Mapping[str, str | None] = {"email": None, "title": "", "unit": ""}


def refresh(
    tx: Transaction, connection: Connection, row: Any, said: Mapping[str, str], *, by: Actor
) -> None:
    """Write what was asserted and differs; what does not fit its field is left out, and logged.

    ``row`` is the person as `known.find` found them.
    """
    before = {name: getattr(row, name) for name in SUPPLIED}
    # What is there already was clean when it came.
    kept, unfit = clean({name: value for name, value in said.items() if value != before.get(name)})
    cleared: dict[str, str | None] = {
        name: _CLEARED[name] for name in connection.policy.empty_clears if said.get(name) == ""
    }
    asserted: dict[str, str | None] = {**kept, **cleared}
    after = {name: value for name, value in asserted.items() if value != before[name]}
    if after:
        _write(tx, connection, row.person_id, after)
    _follow(tx, connection, row, {**before, **after})
    if after or unfit:
        record(
            tx,
            Event.PROFILE_SYNCED,
            by=by,
            organization_id=connection.organization_id,
            target_id=row.person_id,
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


def _write(
    tx: Transaction, connection: Connection, person_id: str, after: Mapping[str, str | None]
) -> None:
    membership = memberships.get(tx, connection.organization_id, person_id)
    for name, value in after.items():
        setattr(membership, name, value)
    tx.flush()


def _follow(
    tx: Transaction, connection: Connection, row: Any, profile: Mapping[str, str | None]
) -> None:
    """Let the account's own name follow where nobody but this organization ever had a say in it."""
    if row.created_in != connection.organization_id or row.belongs_elsewhere:
        return
    given_name = profile["given_name"] or row.own_given_name
    family_name = profile["family_name"] or row.own_family_name
    if (given_name, family_name) == (row.own_given_name, row.own_family_name):
        return
    person = persons.get(tx, row.person_id)
    person.given_name, person.family_name = given_name, family_name
    person.sort_name = persons.sort_name(given_name, family_name)
    tx.flush()
