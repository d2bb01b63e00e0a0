"""A test sign-in: a real arrival whose transaction is rolled back, told in masked values.

Nothing is decided twice: what would happen is found out by letting it happen and undoing it.
"""

import re
from collections.abc import Mapping
from typing import Any

from idp.audit import Actor
from idp.authentication.federation import identities, profile_sync, provisioning
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import ExternalIdentity
from idp.authentication.federation.mapping import apply
from idp.authentication.federation.reasons import FederationRefused
from idp.directory.models import Membership
from idp.foundation.database import Database, Transaction

_WORD = re.compile(r"\w+")
_MOST_VALUES = 3
_LONGEST = 200


class _Undone(Exception):
    """What was found out, carried out of the transaction that it ends."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found


def rehearse(
    database: Database, connection: Connection, identity: ExternalIdentity, *, by: Actor
) -> tuple[dict[str, Any], FederationRefused | None]:
    """What this arrival would do, and the refusal it would meet; nothing of it stays.

    The dictionary holds ``masked`` and ``mapped`` values, and ``outcome``: ``created``,
    ``organization``, ``approval`` or ``known``, with the fields that would change.
    """
    said = apply(connection.mapping, identity.attributes)
    seen = {
        "masked": {
            name[:_LONGEST]: [mask(value) for value in values[:_MOST_VALUES]]
            for name, values in identity.attributes.items()
        },
        "mapped": {name: mask(value) for name, value in said.items()},
    }
    try:
        with database.transaction() as tx:
            raise _Undone(_arrived(tx, connection, identity, by=by))
    except _Undone as undone:
        return {**seen, **undone.found}, None
    except FederationRefused as refusal:
        return {**seen, "outcome": "refused"}, refusal


def mask(value: str) -> str:
    """The value with the first letter of each word: who sent it knows it again, nobody else."""
    return _WORD.sub(lambda word: f"{word[0][:1]}•••", value[:_LONGEST])


def _arrived(
    tx: Transaction, connection: Connection, identity: ExternalIdentity, *, by: Actor
) -> dict[str, Any]:
    known = identities.find(tx, connection.id, identity.subject)
    before = _profile(tx, connection, known.person_id) if known else {}
    arrived = provisioning.arrive(tx, connection, identity, by=by)
    after = _profile(tx, connection, arrived.person_id)
    link = identities.find(tx, connection.id, identity.subject)
    outcome = "known" if known else link.linked_how if link else "created"
    changes = [name for name in profile_sync.SUPPLIED if before.get(name) != after.get(name)]
    return {"outcome": outcome, "changes": changes}


def _profile(tx: Transaction, connection: Connection, person_id: str) -> Mapping[str, Any]:
    key = {"person_id": person_id, "organization_id": connection.organization_id}
    member = tx.session.get(Membership, key, populate_existing=True)
    return {name: getattr(member, name) for name in profile_sync.SUPPLIED} if member else {}
