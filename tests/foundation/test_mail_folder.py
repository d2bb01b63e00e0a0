"""Mail that goes into a folder instead of a server."""

import stat
from pathlib import Path

import pytest

from idp.foundation.outbox import Retry
from tests.foundation.mailing import mailer, message, spooled


def test_a_folder_gets_one_file_a_mail_which_only_we_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "mails"
    mailer(f"file:{folder}").send(message(), item_id="one")
    mailer(f"file:{folder}").send(message(subject="Toinen"), item_id="two")

    assert sorted(path.name for path in folder.iterdir()) == ["one.eml", "two.eml"]
    assert [mail["Subject"] for mail in spooled(folder)] == ["Luo salasanasi", "Toinen"]
    assert stat.S_IMODE((folder / "one.eml").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_mail_repeated_into_a_folder_replaces_itself(tmp_path: Path) -> None:
    for _ in range(2):
        mailer(f"file:{tmp_path}").send(message(), item_id="one")

    assert len(spooled(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_for_later(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Retry):
        mailer(f"file:{tmp_path / 'file'}").send(message(), item_id="one")
