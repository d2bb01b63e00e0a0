"""What of an organization's connections expires: facts for the calendar, read from their rows."""

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from idp.authentication.federation.calendar import Expiry, Kind
from idp.authentication.federation.models import ConnectionRecord
from idp.foundation.database import Transaction

_FINLAND = ZoneInfo("Europe/Helsinki")


def expiries(tx: Transaction, organization_id: str | None = None) -> list[Expiry]:
    """Everything that ends, of one organization or of all."""
    query = select(ConnectionRecord)
    if organization_id is not None:
        query = query.where(ConnectionRecord.organization_id == organization_id)
    return [expiry for row in tx.session.scalars(query) for expiry in _of(row)]


def _of(row: ConnectionRecord) -> Iterator[Expiry]:
    if told := row.document.get("client_secret_expires"):
        yield _expiry(row, Kind.CLIENT_SECRET, row.document["client_id"], _beginning(told))


def _beginning(day: str) -> datetime:
    """The first moment of a day in Finland: whoever noted the day noted no hour."""
    return datetime.combine(date.fromisoformat(day), time.min, _FINLAND)


def _expiry(row: ConnectionRecord, kind: Kind, label: str, at: datetime) -> Expiry:
    return Expiry(connection_id=row.id, connection=row.name, kind=kind, label=label, expires_at=at)
