"""A backup and its way back: whole, in either kind of store, and nothing spent lives again."""

import gzip
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.cli.conftest import SETTINGS, Commands


@pytest.fixture
def backup(metsola: Commands) -> Path:
    """A backup of an installation with an organization and its main user."""
    path = metsola.folder / "idp.backup"
    assert metsola("backup", str(path))["rows"] > 10
    return path


def elsewhere(idp: Commands, folder: Path, database: str) -> Commands:
    """Another installation under the same keys, on a database with nothing in it."""
    shutil.copytree(idp.folder / "keys", folder / "keys")
    other = Commands(folder)
    other.config.write_text(f'{SETTINGS}[database]\nurl = "{database}"\n')
    return other


def test_a_backup_comes_back_whole_in_either_kind_of_store(
    metsola: Commands, backup: Path, empty_database: str, tmp_path: Path
) -> None:
    other = elsewhere(metsola, tmp_path / "other", empty_database)
    other("restore", str(backup))
    assert other("person", "show", "aino@metsola.example") == metsola(
        "person", "show", "aino@metsola.example"
    )
    assert other("keys", "list") == metsola("keys", "list")
    assert other("audit", "verify")["problem"] is None
    again = tmp_path / "again"
    other("backup", str(again))
    for table in ("person", "username_period", "audit_record"):
        before, after = rows_of(backup, table), rows_of(again, table)
        assert before
        assert [row for row in before if row not in after] == []


def rows_of(path: Path, table: str) -> list[dict[str, object]]:
    """The rows of one table in a backup."""
    found: list[dict[str, object]] = []
    columns: list[str] = []
    with gzip.open(path, "rt") as file:
        for value in map(json.loads, file):
            if isinstance(value, dict):
                columns = value["columns"] if value.get("table") == table else []
            elif columns:
                found.append(dict(zip(columns, value, strict=True)))
    return found


def test_what_was_done_since_is_gone_and_told_by_the_log(metsola: Commands, backup: Path) -> None:
    metsola("organization", "create", "kuusela", "--name", "Kuusela")
    metsola("restore", str(backup))
    assert [each["slug"] for each in metsola("organization", "list")] == ["metsola"]
    (restored,) = metsola("audit", "list", "--event", "system.restored")
    assert restored["actor"].startswith("operator:")


def test_a_link_of_before_the_backup_is_void_after_it(metsola: Commands) -> None:
    path = metsola.folder / "idp.backup"
    metsola("person", "link", "aino@metsola.example")
    metsola("backup", str(path))
    metsola("restore", str(path))
    again = metsola.folder / "again.backup"
    metsola("backup", str(again))
    links = rows_of(again, "link")
    assert links
    assert all(link["voided_at"] for link in links)


def test_nobody_else_reads_a_backup_and_none_is_written_over(
    metsola: Commands, backup: Path
) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    before = backup.read_bytes()
    assert "File exists" in metsola.refusal("backup", str(backup))
    assert backup.read_bytes() == before
    assert "No such file" in metsola.refusal("backup", str(backup.parent / "missing" / "b"))
    assert not list(backup.parent.glob("*.part"))


def test_a_database_that_goes_away_is_told_in_a_line_and_leaves_no_file(
    metsola: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_args: object) -> int:
        raise OperationalError("select", {}, Exception("server closed the connection"))

    monkeypatch.setattr("idp.serving.backup._write", lost)
    assert "try again" in metsola.refusal("backup", str(metsola.folder / "lost"))
    assert not list(metsola.folder.glob("lost*"))


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def without_end(data: bytes) -> bytes:
    lines = gzip.decompress(data).splitlines(keepends=True)
    return gzip.compress(b"".join(lines[:-1]))


def without_a_row(data: bytes) -> bytes:
    lines = gzip.decompress(data).splitlines(keepends=True)
    last_row = max(number for number, line in enumerate(lines) if line.startswith(b"["))
    return gzip.compress(b"".join(lines[:last_row] + lines[last_row + 1 :]))


def of_another_schema(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data).replace(b'"schema":"0', b'"schema":"9', 1))


def nothing(_data: bytes) -> bytes:
    return b""


def no_gzip(_data: bytes) -> bytes:
    return b"{}"


@pytest.mark.parametrize(
    "damage",
    [cut, without_end, without_a_row, of_another_schema, nothing, no_gzip],
)
def test_a_damaged_backup_changes_nothing(
    metsola: Commands, backup: Path, damage: Callable[[bytes], bytes]
) -> None:
    bad = backup.with_name("bad.backup")
    bad.write_bytes(damage(backup.read_bytes()))
    metsola("organization", "create", "kuusela", "--name", "Kuusela")
    assert "bad.backup" in metsola.refusal("restore", str(bad))
    assert len(metsola("organization", "list")) == 2


def test_a_backup_under_other_keys_is_refused(
    metsola: Commands, backup: Path, idp: Commands, tmp_path: Path
) -> None:
    other = Commands(tmp_path / "stranger")
    other.folder.mkdir()
    other.config.write_text(SETTINGS)
    other("init")
    assert "keys" in other.refusal("restore", str(backup))
    assert other("organization", "list") == []
