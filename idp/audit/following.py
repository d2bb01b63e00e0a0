"""Following: consumers that go through the sealed log in order, each with its own cursor.

A consumer does its part (say, puts items in the outbox) and advances in one transaction, so that
each record has its effect exactly once, however many nodes follow at once.
"""

from itertools import islice
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from idp.audit.chain import sealed_records
from idp.audit.models import AuditCursor
from idp.foundation.database import Statement, Transaction

_CURSOR = Statement(
    select(AuditCursor.position)
    .where(AuditCursor.consumer == bindparam("consumer"))
    .with_for_update()
)
_BEGIN = Statement(
    insert(AuditCursor).values(consumer=bindparam("consumer"), position=bindparam("position"))
)
_ADVANCE = Statement(
    update(AuditCursor)
    .where(AuditCursor.consumer == bindparam("follower"))
    .values(position=bindparam("reached"))
)


def follow(tx: Transaction, consumer: str, *, limit: int = 100) -> list[Any]:
    """The next sealed records for ``consumer``, as rows with the columns of `AuditRecord`.

    Other nodes' calls for the same consumer wait until this transaction ends. A consumer's first
    call makes its cursor, for a row that is not there holds nobody up; Conflict where another node
    made it meanwhile.
    """
    cursor = tx.first(_CURSOR, consumer=consumer)
    if cursor is None:
        tx.run(_BEGIN, consumer=consumer, position=0)
    return list(islice(sealed_records(tx, after=cursor.position if cursor else 0), limit))


def advance(tx: Transaction, consumer: str, position: int) -> None:
    """Remember, in the transaction of `follow`, that ``consumer`` is done up to ``position``.

    A consumer that shall not see the past begins with `advance` to the end of the log; Conflict
    where another node began it meanwhile.
    """
    if not tx.run(_ADVANCE, follower=consumer, reached=position):
        tx.run(_BEGIN, consumer=consumer, position=position)
