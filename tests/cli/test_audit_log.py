"""The audit log by command: read, proved, taken out."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from idp.audit import seal
from idp.config import load
from idp.foundation.database import Database
from idp.serving.store import opened
from tests.cli.conftest import Commands


@pytest.fixture
def sealed(metsola: Commands) -> Commands:
    """An installation whose log is sealed, as the delivery process does every second."""
    with opened(load(metsola.config, environ={})) as engine:
        seal(Database(engine))
    return metsola


def tamper(idp: Commands, statement: str) -> None:
    """Do what only somebody with the database's password can."""
    with opened(load(idp.config, environ={})) as engine, engine.begin() as connection:
        connection.execute(text(statement))


def test_every_deed_is_in_the_log_with_who_did_it(metsola: Commands) -> None:
    records = metsola("audit", "list", "--organization", "metsola")
    assert [record["event"] for record in records] == [
        "password.link.requested",
        "membership.added",
        "person.added",
        "organization.created",
    ]
    assert len({record["reference"] for record in records}) == 1
    assert all(record["actor"].startswith("operator:") for record in records)


def test_the_log_is_searched_by_event_target_and_reference(metsola: Commands) -> None:
    sub = metsola("person", "show", "aino@metsola.example")["sub"]
    (added,) = metsola("audit", "list", "--event", "person.added")
    assert added["target"] == sub
    assert len(metsola("audit", "list", "--target", sub)) == 3
    reference = added["reference"].lower()
    assert len(metsola("audit", "list", "--reference", reference)) == 4
    assert metsola("audit", "list", "--until", "2020-01-01") == []
    assert len(metsola("audit", "list", "--limit", "2")) == 2


def test_a_log_that_nobody_touched_holds(sealed: Commands) -> None:
    verdict = sealed("audit", "verify")
    assert (verdict["problem"], verdict["broken_at"], verdict["unsealed"]) == (None, None, 0)
    assert verdict["checked"] == len(sealed("audit", "list"))
    # From the noted head on there is nothing more to check.
    assert sealed("audit", "verify", "--after", verdict["head"])["checked"] == 0


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_record SET actor_id = 'somebody' WHERE position = 3", "altered"),
        ("DELETE FROM audit_record WHERE position = 3", "missing"),
    ],
)
def test_a_log_that_was_touched_exits_1_and_says_where(
    sealed: Commands, statement: str, problem: str
) -> None:
    tamper(sealed, statement)
    ran = sealed.run("audit", "verify", "--json")
    verdict = json.loads(ran.stdout)
    assert (ran.exit_code, verdict["problem"], verdict["broken_at"]) == (1, problem, 3)


def test_an_end_that_was_cut_off_shows_by_the_noted_head(sealed: Commands) -> None:
    head = sealed("audit", "verify")["head"]
    tamper(sealed, "DELETE FROM audit_record WHERE position > 2")
    assert sealed.run("audit", "verify").exit_code == 0
    assert sealed.run("audit", "verify", "--after", head).exit_code == 1


def test_the_log_is_exported_line_by_line_or_as_one_document(
    sealed: Commands, tmp_path: Path
) -> None:
    lines = [json.loads(line) for line in sealed.run("audit", "export").stdout.splitlines()]
    assert [line["position"] for line in lines] == list(range(1, len(lines) + 1))
    assert sealed("audit", "export") == lines
    assert sealed("audit", "export", "--after", "3") == lines[3:]
    file = tmp_path / "audit.jsonl"
    assert sealed.run("audit", "export", str(file)).stdout == ""
    assert [json.loads(line) for line in file.read_text().splitlines()] == lines
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_export_never_overwrites_a_file_and_is_itself_recorded(
    sealed: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text("something else")
    ran = sealed.run("audit", "export", str(file))
    assert (ran.exit_code, file.read_text()) == (1, "something else")
    assert sealed("audit", "list", "--event", "audit.exported") == []
    sealed("audit", "export")
    assert len(sealed("audit", "list", "--event", "audit.exported")) == 1
