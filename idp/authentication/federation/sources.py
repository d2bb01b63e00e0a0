"""Which profiles a connection supplies: memberships whose source is called as it is."""

from typing import Any

from sqlalchemy import select, update

from idp.authentication.federation.models import ConnectionRecord, ExternalIdentityRecord
from idp.directory.models import Membership
from idp.foundation.database import Transaction


def rename(tx: Transaction, row: ConnectionRecord, before: str, after: str) -> None:
    """Let the people of the connection be told its new name."""
    if before != after:
        _set(tx, row, before, after)


def release(tx: Transaction, row: ConnectionRecord, title: str) -> None:
    """Let people keep their profile themselves again; what the connection said of them stays."""
    _set(tx, row, title, None)


def _set(tx: Transaction, row: ConnectionRecord, before: str, after: str | None) -> None:
    linked: Any = select(ExternalIdentityRecord.person_id).where(
        ExternalIdentityRecord.connection_id == row.id
    )
    tx.session.execute(
        update(Membership)
        .where(
            Membership.organization_id == row.organization_id,
            Membership.source == before,
            Membership.person_id.in_(linked),
        )
        .values(source=after)
        .execution_options(synchronize_session=False)
    )
