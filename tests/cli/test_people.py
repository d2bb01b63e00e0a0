"""Organizations and people by command: M1, M2, M5, M6, M17 and M18 at the terminal."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from idp.config import load
from idp.foundation.clock import utcnow
from idp.serving.store import opened
from tests.cli.conftest import Commands

LIISA = ("--given-name", "Liisa", "--family-name", "Korhonen")


def add_liisa(idp: Commands, *more: str, organization: str = "metsola") -> Any:
    return idp(
        *("person", "add", "liisa@metsola.example", "--organization", organization), *LIISA, *more
    )


def queued_mails(idp: Commands) -> int:
    """How many links wait in the outbox: what has been ordered is in the log."""
    return len(idp("audit", "list", "--event", "password.link.requested"))


def test_an_organization_is_founded_with_its_main_user_in_one_step(idp: Commands) -> None:
    founded = idp(
        *("organization", "create", "metsola", "--name", "Metsolan kunta"),
        *("--main-user", "aino@metsola.example"),
        *("--given-name", "Aino", "--family-name", "Virtanen"),
    )
    assert (founded["slug"], founded["people"], founded["main_users"]) == ("metsola", 1, 1)
    assert founded["link_mailed"] is True
    aino = idp("person", "show", "aino@metsola.example")
    assert aino["email"] == "aino@metsola.example"
    assert [(place["slug"], place["roles"]) for place in aino["organizations"]] == [
        ("metsola", ["main_user"])
    ]
    assert queued_mails(idp) == 1


def test_nothing_is_founded_where_the_main_user_cannot_be_added(metsola: Commands) -> None:
    line = metsola.refusal(
        *("organization", "create", "puisto", "--name", "Puisto"),
        *("--main-user", "with space", "--given-name", "A", "--family-name", "B"),
    )
    assert line.startswith("idp: username: ")
    assert [each["slug"] for each in metsola("organization", "list")] == ["metsola"]


def test_a_slug_is_given_once(metsola: Commands) -> None:
    assert metsola.refusal("organization", "create", "metsola", "--name", "X").startswith(
        "idp: slug: "
    )


def test_an_organization_is_suspended_and_resumed(metsola: Commands) -> None:
    assert metsola("organization", "suspend", "metsola")["suspended_at"]
    assert metsola("organization", "show", "metsola")["suspended_at"]
    assert metsola("organization", "resume", "metsola")["suspended_at"] is None


def test_a_person_is_added_with_title_unit_and_roles(metsola: Commands) -> None:
    added = add_liisa(
        metsola, "--title", "Sairaanhoitaja", "--unit", "Kotihoito", "--role", "it_admin"
    )
    assert (added["is_new"], added["link_mailed"], added["has_password"]) == (True, True, False)
    (place,) = added["organizations"]
    assert (place["title"], place["unit"], place["roles"]) == (
        "Sairaanhoitaja",
        "Kotihoito",
        ["it_admin"],
    )


def test_no_mail_leaves_where_none_is_wanted(metsola: Commands) -> None:
    before = queued_mails(metsola)
    assert add_liisa(metsola, "--no-mail")["link_mailed"] is False
    assert queued_mails(metsola) == before


def test_a_known_username_gets_a_membership_and_not_an_account(metsola: Commands) -> None:
    metsola("organization", "create", "puisto", "--name", "Puisto")
    first = add_liisa(metsola)
    second = metsola(
        *("person", "add", "LIISA@metsola.example", "--organization", "puisto"),
        *("--given-name", "Liisa", "--family-name", "Laine"),
    )
    assert (second["is_new"], second["sub"]) == (False, first["sub"])
    assert second["differs"] == ["family_name"]
    assert [place["slug"] for place in second["organizations"]] == ["metsola", "puisto"]


def test_a_printed_link_works_for_twelve_hours(metsola: Commands) -> None:
    before = utcnow()
    shown = metsola("person", "link", "aino@metsola.example")
    assert shown["link"].startswith("http://localhost:8000/link/")
    valid_for = datetime.fromisoformat(shown["expires_at"]) - before
    assert abs(valid_for - timedelta(hours=12)) < timedelta(minutes=1)


def test_a_printed_link_is_all_that_standard_output_holds_for_people(metsola: Commands) -> None:
    ran = metsola.run("person", "link", "aino@metsola.example")
    assert ran.stdout.startswith("http://localhost:8000/link/")


def test_a_locked_person_gets_no_link(metsola: Commands) -> None:
    assert metsola("person", "lock", "aino@metsola.example")["locked_at"]
    metsola.refusal("person", "link", "aino@metsola.example")
    assert metsola("person", "unlock", "aino@metsola.example")["locked_at"] is None
    assert metsola("person", "link", "aino@metsola.example")["link"]


def test_a_renamed_person_stays_the_same_and_the_old_name_is_nobody_elses(
    metsola: Commands,
) -> None:
    sub = add_liisa(metsola)["sub"]
    renamed = metsola(
        *("person", "rename", "liisa@metsola.example", "liisa.laine@metsola.example"),
        *("--reason", "Avioliitto"),
    )
    assert renamed["sub"] == sub
    assert metsola.refusal("person", "show", "liisa@metsola.example") == (
        "idp: 'liisa@metsola.example' is now 'liisa.laine@metsola.example'"
    )
    line = metsola.refusal(
        *("person", "add", "liisa@metsola.example", "--organization", "metsola"),
        *("--given-name", "Liisa", "--family-name", "Toinen"),
    )
    assert line.startswith("idp: username: ")


def test_history_tells_every_username_and_who_held_one_when(metsola: Commands) -> None:
    add_liisa(metsola)
    between = utcnow().astimezone(UTC).isoformat()
    metsola("person", "rename", "liisa@metsola.example", "ll@metsola.example", "--reason", "Avio")
    periods = metsola("person", "history", "liisa@metsola.example")
    assert [(each["username"], bool(each["held_until"])) for each in periods] == [
        ("ll@metsola.example", False),
        ("liisa@metsola.example", True),
    ]
    assert {each["now"] for each in periods} == {"ll@metsola.example"}
    assert periods[0]["reason"] == "Avio"
    (then,) = metsola("person", "history", "liisa@metsola.example", "--at", between)
    assert then["username"] == "liisa@metsola.example"
    line = metsola.refusal("person", "history", "ll@metsola.example", "--at", between)
    assert line == "idp: nobody held 'll@metsola.example' then"


FILE = """role;username;family_name;given_name
main_user;matti@metsola.example;Meikäläinen;Matti
;bad name;B;A
;MATTI@metsola.example;Toinen;Matti
;aino@metsola.example;Virtanen;Aino
"""


@pytest.fixture
def people_file(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def imported(idp: Commands, *words: str) -> Any:
    ran = idp.run("person", "import", *words, "--organization", "metsola", "--json")
    assert ran.exit_code == 1, ran.output
    return json.loads(ran.stdout)


def test_an_import_gives_each_row_its_verdict(metsola: Commands, people_file: str) -> None:
    result = imported(metsola, people_file)
    assert [(row["line"], row["outcome"]) for row in result["rows"]] == [
        (2, "added"),
        (3, "invalid"),
        (4, "duplicate"),
        (5, "already_member"),
    ]
    assert result["rows"][1]["problems"] == {"username": "username_spaces"}
    assert result["rows"][2]["first_line"] == 2
    assert metsola("organization", "show", "metsola")["people"] == 2
    assert queued_mails(metsola) == 2


def test_a_dry_run_promises_the_same_and_adds_nobody(metsola: Commands, people_file: str) -> None:
    promised = imported(metsola, people_file, "--dry-run")
    assert metsola("organization", "show", "metsola")["people"] == 1
    assert queued_mails(metsola) == 1
    done = imported(metsola, people_file)
    assert promised["rows"] == done["rows"]
    assert (promised["dry_run"], done["dry_run"]) == (True, False)


def test_an_import_that_takes_every_row_exits_0(metsola: Commands, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("username,given_name,family_name\nmatti@metsola.example,Matti,M\n")
    result = metsola("person", "import", str(path), "--organization", "metsola", "--no-mail")
    assert result["counts"] == {"added": 1}
    assert metsola("person", "import", str(path), "--organization", "metsola")["counts"] == {
        "already_member": 1
    }


def test_a_file_without_the_columns_is_refused_as_a_whole(
    metsola: Commands, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name,mail\nMatti,m@metsola.example\n")
    line = metsola.refusal("person", "import", str(path), "--organization", "metsola")
    assert "given_name: " in line
    assert "mail: " in line


def test_people_read_a_line_for_each_row_and_the_counts(
    metsola: Commands, people_file: str
) -> None:
    ran = metsola.run("person", "import", people_file, "--organization", "metsola", "--dry-run")
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["LINE", "USERNAME", "OUTCOME", "REASON"]
    assert lines[3].endswith("the same username as in line 2")
    assert lines[-1] == "Would be: 1 added, 1 invalid, 1 duplicate, 1 already_member."


def test_an_account_that_says_otherwise_is_pointed_out(metsola: Commands, tmp_path: Path) -> None:
    metsola("organization", "create", "puisto", "--name", "Puisto")
    path = tmp_path / "people.csv"
    path.write_text("username,given_name,family_name\naino@metsola.example,Aini,Virta\n")
    (row,) = metsola("person", "import", str(path), "--organization", "puisto")["rows"]
    assert row["outcome"] == "added_membership"
    assert row["reason"] == "the account that is there has another given_name and family_name"


def test_who_signs_in_elsewhere_gets_no_link(metsola: Commands) -> None:
    with opened(load(metsola.config, environ={})) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE organization SET uses_sso = true"))
    metsola.refusal("person", "link", "aino@metsola.example")


def test_who_has_no_address_gets_no_mail(metsola: Commands) -> None:
    added = metsola("person", "add", "matti", "--organization", "metsola", *LIISA)
    assert (added["email"], added["link_mailed"]) == (None, False)
    assert metsola("person", "link", "matti")["link"]
