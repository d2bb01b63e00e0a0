"""Taking into use: what is missing is made once, however many ask; what is there is not harmed."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from idp.config import load
from idp.migrations.schema import Schema
from idp.serving.store import opened
from tests.cli.conftest import SETTINGS, Commands

NODES = 4


@pytest.fixture
def untouched(tmp_path: Path, empty_database: str) -> Commands:
    """A configuration, and nothing else yet."""
    commands = Commands(tmp_path)
    commands.config.write_text(f'{SETTINGS}\n[database]\nurl = "{empty_database}"\n')
    return commands


def count(idp: Commands, table: str, where: str = "1 = 1") -> int:
    with opened(load(idp.config, environ={})) as engine, engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT count(*) FROM {table} WHERE {where}"))
        return int(found.scalar_one())


def test_init_makes_keys_schema_and_the_first_operators_link(untouched: Commands) -> None:
    made = untouched("init", "--operator-username", "ylli@example.fi")
    assert made["schema_before"] is None
    assert made["made_signing_keys"] is True
    assert made["operator"]["username"] == "ylli@example.fi"
    assert made["operator"]["link"].startswith("http://localhost:8000/link/")
    operator = untouched("person", "show", "ylli@example.fi")
    assert (operator["is_operator"], operator["organizations"]) == (True, [])
    assert operator["email"] == "ylli@example.fi"


def test_what_init_makes_is_nobody_elses_to_read(untouched: Commands) -> None:
    key_file = Path(untouched("init")["key_file"])
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    for file in untouched.folder.glob("idp.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_init_again_makes_nothing_more(untouched: Commands) -> None:
    first = untouched("init")
    again = untouched("init", "--operator-username", "another")
    assert again == {
        "key_file": None,
        "schema": first["schema"],
        "schema_before": first["schema"],
        "made_signing_keys": False,
        "operator": None,
    }
    assert count(untouched, "person") == 1


def test_nodes_that_begin_at_once_make_one_of_each(untouched: Commands) -> None:
    command = [sys.executable, "-m", "idp.cli", "--config", str(untouched.config), "init", "--json"]
    nodes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(NODES)
    ]
    made = []
    for node in nodes:
        out, err = node.communicate()
        assert node.returncode == 0, err.decode()
        made.append(json.loads(out))
    assert [bool(each["operator"]) for each in made].count(True) == 1
    assert [bool(each["key_file"]) for each in made].count(True) == 1
    assert [each["schema_before"] for each in made].count(None) == 1
    assert count(untouched, "person", "is_operator") == 1
    assert {key["state"] for key in untouched("keys", "list")} == {"active"}
    assert count(untouched, "signing_key") == 4


def test_a_store_whose_keys_are_missing_gets_no_new_ones(untouched: Commands) -> None:
    untouched("init")
    keys = untouched.folder / "keys"
    shutil.move(keys, untouched.folder / "elsewhere")
    assert "sealed under keys that are not in" in untouched.refusal("init")
    assert not keys.exists()
    shutil.move(untouched.folder / "elsewhere", keys)
    assert untouched("init")["key_file"] is None


def test_a_store_is_not_used_with_somebody_elses_keys(untouched: Commands, idp: Commands) -> None:
    untouched("init")
    shutil.rmtree(untouched.folder / "keys")
    shutil.copytree(idp.folder / "keys", untouched.folder / "keys")
    assert "do not open what is sealed" in untouched.refusal("init")
    assert count(untouched, "signing_key") == 4


def truncate(path: Path) -> None:
    path.write_text(path.read_text()[:20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def open_up(path: Path) -> None:
    path.chmod(0o640)


@pytest.mark.parametrize(
    ("damage", "told"),
    [(truncate, "is damaged"), (empty, "is damaged"), (open_up, "others may read it")],
    ids=["truncated", "empty", "open"],
)
def test_a_damaged_key_file_stops_every_command(
    idp: Commands, damage: Callable[[Path], None], told: str
) -> None:
    (path,) = (idp.folder / "keys").glob("*.key")
    damage(path)
    for words in (("init",), ("organization", "list"), ("web",)):
        ran = idp.run(*words)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert f"{path}" in ran.stderr
        assert told in ran.stderr


def test_without_its_database_init_makes_no_keys(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    url = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    commands.config.write_text(f'{SETTINGS}\n[database]\nurl = "{url}"\n')
    assert commands.refusal("init").startswith("idp: the database cannot be reached")
    assert not (tmp_path / "keys").exists()


def test_an_operator_needs_a_username_that_is_one(untouched: Commands) -> None:
    assert untouched.refusal("init", "--operator-username", "a b").startswith("idp: username: ")
    assert untouched("init")["operator"]["username"] == "operator"


def test_migrate_brings_an_empty_database_to_the_newest_schema(untouched: Commands) -> None:
    assert untouched("migrate")["schema_before"] is None
    assert untouched("migrate")["schema_before"] == untouched("migrate")["schema"]


def test_migrate_refuses_a_schema_it_does_not_know(untouched: Commands) -> None:
    untouched("init")
    with opened(load(untouched.config, environ={})) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'beyond'"))
    assert "only a later version knows" in untouched.refusal("migrate")
    # Nodes that are still to be upgraded serve on meanwhile.
    assert untouched("organization", "list") == []


def test_commands_refuse_an_old_schema_until_it_is_migrated(
    untouched: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    untouched("init")
    monkeypatch.setattr("idp.migrations.schema._versions", lambda: ["0002", "0001"])
    assert "run 'idp migrate'" in untouched.refusal("organization", "list")


def test_migrate_is_recorded_with_both_versions(
    idp: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Schema(version="0000", newest="0001", is_known=True)
    monkeypatch.setattr("idp.cli.setup.upgrade", lambda _engine: before)
    assert idp("migrate") == {"schema": "0001", "schema_before": "0000"}
    (deed,) = idp("audit", "list", "--event", "system.migrated")
    assert deed["detail"] == {"old": "0000", "new": "0001"}


def test_people_read_the_operators_link_and_until_when(untouched: Commands) -> None:
    ran = untouched.run("init")
    told, link = ran.stdout.splitlines()
    assert told.startswith("The first operator is operator.")
    assert link.startswith("http://localhost:8000/link/")
    assert untouched.run("init").stdout == ""


def test_an_operator_cannot_take_a_username_that_was_somebodys(idp: Commands) -> None:
    with opened(load(idp.config, environ={})) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE person SET is_operator = false"))
    assert idp.refusal("init").startswith("idp: username: ")
    assert idp("init", "--operator-username", "ylli")["operator"]["username"] == "ylli"


def test_the_log_names_the_account_behind_sudo(
    idp: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "maija")
    idp("organization", "create", "puisto", "--name", "Puisto")
    assert idp("audit", "list", "--limit", "1")[0]["actor"] == "operator:maija"


def test_an_account_without_a_name_is_told_by_its_number(
    idp: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr("getpass.getuser", nobody)
    idp("organization", "create", "puisto", "--name", "Puisto")
    assert idp("audit", "list", "--limit", "1")[0]["actor"] == f"operator:{os.getuid()}"
