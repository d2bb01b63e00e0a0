"""The log as a file for spreadsheets; that it was taken is in the log."""

from sqlalchemy import select

from idp.audit import AuditRecord, Event
from idp.directory.models import Person
from tests.pages.organization.desk import Desk
from tests.pages.organization.happened import deed
from tests.pages.organization.spreadsheets import read_table
from tests.provider import Account


def table(desk: Desk, **query: str) -> list[list[str]]:
    """The rows of the log's file."""
    return read_table(desk.open("/log.csv", **query))


def test_the_log_can_be_taken_as_a_file_whose_cells_run_nowhere(desk: Desk, aino: Account) -> None:
    desk.provider.change(Person, aino.id, given_name="=cmd()", family_name="|x")
    deed(
        desk,
        Event.MEMBERSHIP_LOCKED,
        target=aino.id,
        actor=aino.id,
        organization_id=desk.organization_id,
    )
    heading, newest, *_ = table(desk, kind="people")

    assert heading[:3] == ["Aika", "Tapahtuman nimi", "Tapahtuma"]
    assert newest[1] == "membership.locked"
    assert newest[2].startswith("'=cmd() |x lukitsi")
    assert newest[5] == "ABCD-2345"


def test_the_file_holds_what_was_asked_for(desk: Desk, aino: Account) -> None:
    desk.person("iiro@example.fi", "Iiro", "Itälä")

    assert all("Aino" in row[2] for row in table(desk, person=aino.username, kind="people")[1:])


def test_taking_the_file_is_a_deed_that_is_recorded(desk: Desk) -> None:
    table(desk)

    with desk.provider.database.reading() as tx:
        query = select(AuditRecord).where(AuditRecord.event == Event.AUDIT_EXPORTED.value)
        taken = tx.session.scalars(query).one()
    assert (taken.actor_id, taken.organization_id) == (desk.pirkko.id, desk.organization_id)
