"""A deed's record: what is in it, and what never gets into it."""

from typing import Any

import pytest

from idp import audit
from idp.foundation.database import Database
from tests.audit.deeds import ANNA


class Undone(Exception):
    """The deed fails after its record was written."""


def test_a_record_says_who_did_what_to_whom_where_and_under_which_reference(
    database: Database,
) -> None:
    with database.transaction() as tx:
        audit.record(
            tx,
            audit.Event.MEMBERSHIP_CHANGED,
            by=ANNA,
            organization_id="vanamo",
            target_id="bertta",
            before={"title": "Hoitaja"},
            after={"title": "Lähihoitaja", "roles": ["main_user"]},
        )

    with database.reading() as tx:
        [record] = audit.read(tx, organization_id="vanamo")

    assert (record.event, record.actor_kind, record.actor_id) == (
        "membership.changed",
        "person",
        "anna",
    )
    assert (record.target_id, record.network, record.reference) == (
        "bertta",
        "192.0.2.7",
        "K7F2-QX9M",
    )
    assert record.detail == {
        "before": {"title": "Hoitaja"},
        "after": {"title": "Lähihoitaja", "roles": ["main_user"]},
    }


def fail_to_lock(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(tx, audit.Event.PERSON_LOCKED, by=ANNA, target_id="bertta")
        raise Undone


def test_a_deed_that_fails_leaves_no_record(database: Database) -> None:
    with pytest.raises(Undone):
        fail_to_lock(database)

    with database.reading() as tx:
        assert audit.read(tx, organization_id=None) == []


def lock_with(database: Database, detail: dict[str, Any]) -> None:
    with database.transaction() as tx:
        audit.record(tx, audit.Event.PERSON_LOCKED, by=ANNA, **detail)


@pytest.mark.parametrize(
    "detail",
    [
        {"password": "kesäpäivä"},
        {"new_password": "kesäpäivä"},
        {"tokens": ["eyJ"]},
        {"authorization_code": "abc"},
        {"CLIENT_SECRET": "abc"},
        {"link": "https://id.example.fi/password/abc"},
        {"client": {"client_id": "portal", "client_secret": "abc"}},
        {"rows": [{"username": "bertta", "password": "abc"}]},
    ],
)
def test_a_detail_named_like_a_secret_stops_the_deed(
    database: Database, detail: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="secret does not belong") as refusal:
        lock_with(database, detail)

    assert "abc" not in str(refusal.value)
    with database.reading() as tx:
        assert audit.read(tx, organization_id=None) == []


def test_names_that_only_contain_the_letters_of_a_secret_pass(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(tx, audit.Event.PROFILE_CHANGED, by=ANNA, linked=True, barcoded=1, decoder="x")

    with database.reading() as tx:
        [record] = audit.read(tx, organization_id=None)
    assert record.detail == {"linked": True, "barcoded": 1, "decoder": "x"}


def test_what_somebody_typed_cannot_fill_the_log(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(
            tx, audit.Event.PROBLEM_SHOWN, by=ANNA, tried="x" * 10_000, more=["y" * 10_000]
        )

    with database.reading() as tx:
        [record] = audit.read(tx, organization_id=None)
    assert record.detail == {"tried": "x" * 500, "more": ["y" * 500]}
