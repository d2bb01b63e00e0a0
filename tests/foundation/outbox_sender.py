"""A handler that sends nothing, and what lies in the outbox."""

from datetime import timedelta

from sqlalchemy import select

from idp.foundation import outbox
from idp.foundation.database import Database
from idp.foundation.outbox import FollowUp, Item
from idp.foundation.outbox_models import OutboxItem

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=seconds) for seconds in (1, 60, 3600, 86400))


class Sender:
    """A handler that remembers what it sent and fails as it is told."""

    def __init__(self, *failures: BaseException, follow_up: FollowUp | None = None) -> None:
        self.sent: list[Item] = []
        self._failures = list(failures)
        self._follow_up = follow_up

    def __call__(self, item: Item) -> FollowUp | None:
        if self._failures:
            raise self._failures.pop(0)
        self.sent.append(item)
        return self._follow_up

    @property
    def numbers(self) -> list[int]:
        return [item.payload["number"] for item in self.sent]


def put(database: Database, *numbers: int, kind: str = "letter", lane: str = "") -> None:
    """Put an item for each number into the outbox, each in a transaction of its own."""
    whose = {"organization_id": "vanamo", "person_id": "anna"}
    for number in numbers:
        with database.transaction() as tx:
            outbox.put(tx, kind, {"number": number}, lane=lane, **whose)


def items(database: Database) -> list[OutboxItem]:
    """What lies in the outbox, oldest first."""
    with database.reading() as tx:
        return list(tx.session.scalars(select(OutboxItem).order_by(OutboxItem.created_at)))


def the_item(database: Database) -> OutboxItem:
    """The only item in the outbox."""
    [item] = items(database)
    return item
