"""What main users, operators and support find in the log."""

from datetime import timedelta

from idp import audit
from idp.audit import Event
from idp.foundation.clock import shifted, utcnow
from idp.foundation.database import Database
from tests.audit.deeds import ANNA


def write(database: Database, target: str, event: Event = Event.PERSON_ADDED, **more: str) -> None:
    reference = more.pop("reference", "AAAA-BBBB")
    by = audit.Actor(kind="person", id="anna", network=ANNA.network, reference=reference)
    with database.transaction() as tx:
        audit.record(tx, event, by=by, target_id=target, organization_id=more.get("organization"))


def targets(database: Database, **asked: object) -> list[str | None]:
    with database.reading() as tx:
        records = audit.read(tx, **{"organization_id": None, **asked})  # type: ignore[arg-type]
    return [record.target_id for record in records]


def test_the_newest_comes_first_sealed_or_not(database: Database) -> None:
    write(database, "first")
    write(database, "second")
    audit.seal(database)
    write(database, "third")

    assert targets(database) == ["third", "second", "first"]


def test_a_main_user_sees_only_what_happened_in_the_organization(database: Database) -> None:
    write(database, "ours", organization="vanamo")
    write(database, "theirs", organization="lumme")
    write(database, "nobody's")

    assert targets(database, organization_id="vanamo") == ["ours"]


def test_a_reference_is_found_as_people_type_it(database: Database) -> None:
    write(database, "shown", reference="K7F2-QX9M")
    write(database, "other", reference="K7F2-QX9N")

    assert targets(database, reference=" k7f2-qx9m ") == ["shown"]


def test_it_can_be_asked_by_target_and_by_event(database: Database) -> None:
    write(database, "bertta", Event.PERSON_ADDED)
    write(database, "bertta", Event.PERSON_LOCKED)
    write(database, "cecilia", Event.PERSON_LOCKED)

    assert targets(database, target_id="bertta", events=[Event.PERSON_LOCKED]) == ["bertta"]
    assert targets(database, events=[Event.PERSON_LOCKED]) == ["cecilia", "bertta"]


def test_a_span_of_time_includes_its_start_and_not_its_end(database: Database) -> None:
    for hours in (1, 2, 3):
        with shifted(timedelta(hours=hours)):
            write(database, str(hours))
    with database.reading() as tx:
        moments = {record.target_id: record.at for record in audit.read(tx, organization_id=None)}

    assert targets(database, since=moments["2"]) == ["3", "2"]
    assert targets(database, until=moments["2"]) == ["1"]
    assert targets(database, since=utcnow() + timedelta(hours=4)) == []


def test_pages_follow_each_other_without_gap_or_repeat(database: Database) -> None:
    for number in range(7):
        write(database, str(number))

    pages: list[list[str | None]] = []
    before = None
    for _ in range(3):
        with database.reading() as tx:
            page = audit.read(tx, organization_id=None, before=before, limit=3)
        pages.append([record.target_id for record in page])
        before = page[-1].id

    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert targets(database, before=before) == []


def test_a_page_is_never_longer_than_we_allow(database: Database) -> None:
    with database.transaction() as tx:
        for _ in range(501):
            audit.record(tx, Event.PERSON_ADDED, by=ANNA)

    assert len(targets(database, limit=1_000_000)) == 500
