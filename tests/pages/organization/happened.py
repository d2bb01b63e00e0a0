"""What happened, written into the log and read from its page."""

import re

import httpx

from idp.audit import Actor, Event, record
from tests.pages import look
from tests.pages.organization.desk import Desk


def sentences(page: httpx.Response) -> list[str]:
    """What the log says happened, the newest first, without the remarks."""
    cells = re.findall(r'<td data-label="Tapahtuma"><div>(.*?)(?:<span|</div>)', page.text)
    return [look.plain(cell) for cell in cells]


def deed(
    desk: Desk,
    event: Event,
    *,
    target: str | None,
    organization_id: str | None = None,
    reference: str = "ABCD-2345",
    actor: str | None = None,
    **detail: str,
) -> None:
    """Write a record of something that happened."""
    by = Actor(kind="person", id=actor or target, network="192.0.2.7", reference=reference)
    with desk.provider.database.transaction() as tx:
        record(tx, event, by=by, organization_id=organization_id, target_id=target, **detail)
