"""Writing: one record for each deed, inside the transaction that does the deed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy import bindparam, insert

from idp.audit.events import Event
from idp.audit.models import AuditRecord
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.secrets import random_id

Detail: TypeAlias = "str | int | Sequence[Detail] | Mapping[str, Detail] | None"

_LONGEST = 500
_SECRET_WORDS = frozenset(
    ("password", "token", "code", "secret", "link", "hash", "cookie", "assertion", "verifier")
)
_WRITTEN = (
    "id",
    "event",
    "at",
    "actor_kind",
    "actor_id",
    "organization_id",
    "target_id",
    "reference",
    "network",
    "detail",
)
_INSERT = Statement(insert(AuditRecord).values({name: bindparam(name) for name in _WRITTEN}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does a deed, from which network, under which reference."""

    kind: Literal["person", "client", "operator", "system"]
    id: str | None = None
    """None where we do not know, or where it is the system itself."""
    network: str = ""
    reference: str = ""


SYSTEM = Actor(kind="system")
"""The provider's own doing: a timer, the delivery process."""


def record(
    tx: Transaction,
    event: Event,
    *,
    by: Actor,
    organization_id: str | None = None,
    target_id: str | None = None,
    **detail: Detail,
) -> None:
    """Write that ``by`` did ``event``; it becomes true with the deed or not at all.

    ``detail`` is what a reader needs beside the ids: before and after, counts, reasons. Texts in
    it are cut at 500 characters. ValueError where a name in it says that its value is a secret.
    """
    tx.run(
        _INSERT,
        id=random_id(),
        event=event.value,
        at=utcnow(),
        actor_kind=by.kind,
        actor_id=by.id,
        organization_id=organization_id,
        target_id=target_id,
        reference=by.reference,
        network=by.network,
        detail=_guarded(detail),
    )


def _guarded(detail: Mapping[str, Detail]) -> dict[str, Detail]:
    """The detail without anything overlong; refuses names of secrets, however deep."""
    for name in detail:
        words = {word.rstrip("s") for word in name.lower().split("_")}
        if words & _SECRET_WORDS:
            raise ValueError(f"a secret does not belong in the audit log: {name}")
    return {name: _short(value) for name, value in detail.items()}


def _short(value: Detail) -> Detail:
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, Mapping):
        return _guarded(value)
    if isinstance(value, Sequence):
        return [_short(item) for item in value]
    return value
