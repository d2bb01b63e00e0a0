"""How telling each relying party of sign-outs went, for the operator: counted from the outbox."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from idp.authorization import backchannel
from idp.foundation.database import Transaction
from idp.foundation.outbox_models import OutboxItem

_LOOKED_AT = 500
"""Problems of all relying parties that are gone through, the newest first."""
_CLIENT = OutboxItem.payload["client_id"].as_string()


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """One relying party's, of as long as the outbox remembers."""

    told: int = 0
    waiting: int = 0
    failed: int = 0
    problem: str | None = None
    """Why the newest of those that did not get through did not, yet or at all."""
    problem_at: datetime | None = None


_PROBLEMS = (
    select(OutboxItem)
    .where(OutboxItem.kind == backchannel.KIND, OutboxItem.problem.is_not(None))
    .order_by(OutboxItem.created_at.desc())
    .limit(_LOOKED_AT)
)
_FIELDS = {"sent": "told", "queued": "waiting", "bounced": "failed", "failed": "failed"}


def deliveries(tx: Transaction) -> dict[str, Deliveries]:
    """By client id; only those that were ever to be told."""
    found: dict[str, Deliveries] = {}
    counted = (
        select(_CLIENT, OutboxItem.state, func.count())
        .where(OutboxItem.kind == backchannel.KIND)
        .group_by(_CLIENT, OutboxItem.state)
    )
    for client_id, state, number in tx.session.execute(counted):
        known, field = found.get(client_id, Deliveries()), _FIELDS[state]
        found[client_id] = replace(known, **{field: getattr(known, field) + number})
    for item in tx.session.scalars(_PROBLEMS):
        client_id = item.payload["client_id"]
        if found[client_id].problem is None:
            found[client_id] = replace(
                found[client_id], problem=item.problem, problem_at=item.created_at
            )
    return found
