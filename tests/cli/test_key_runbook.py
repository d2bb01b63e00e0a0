"""The runbook of keys/README.md: each block of commands does what it is there for, as it stands."""

import re
import shlex
from datetime import timedelta
from typing import Any

import pytest

from idp.foundation import clock
from tests.architecture.tree import read
from tests.cli.conftest import Commands

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, list[list[str]]]:
    """Each heading's commands, as words."""
    found = {}
    for section in read("keys/README.md").split("\n## ")[1:]:
        lines = "".join(BLOCK.findall(section)).splitlines()
        found[section.partition("\n")[0]] = [shlex.split(line) for line in lines]
    return found


def run(idp: Commands, heading: str, **names: str) -> list[Any]:
    """Run a section's commands in their order; what each printed."""
    commands = [[names.get(word, word) for word in words] for words in sections()[heading]]
    assert commands, heading
    assert all(words[0] == "idp" for words in commands)
    return [idp(*words[1:]) for words in commands]


def states(keys: list[dict[str, Any]], alg: str = "ES256") -> list[str]:
    return [key["state"] for key in keys if key["alg"] == alg]


def test_every_section_with_commands_is_tried_here() -> None:
    assert {heading for heading, commands in sections().items() if commands} == {
        "Planned rotation",
        "Emergency: a signing key was seen by others",
        "A new key-encryption key",
        "A key file is lost or damaged",
        "One more node",
    }


def test_a_planned_rotation(idp: Commands) -> None:
    before, _, after = run(idp, "Planned rotation")
    assert [states(before), states(after)] == [["active"], ["active", "next"]]
    with clock.shifted(timedelta(hours=24, minutes=1)):
        assert states(idp("keys", "list")) == ["retired", "active"]


def test_an_emergency(idp: Commands) -> None:
    kid = next(key["kid"] for key in idp("keys", "list") if key["alg"] == "ES256")
    before, _, after, _ = run(idp, "Emergency: a signing key was seen by others", KID=kid)
    assert kid in {key["kid"] for key in before}
    assert kid not in {key["kid"] for key in after}
    assert states(after) == ["active"]


def test_a_new_key_encryption_key(idp: Commands) -> None:
    (old,) = (idp.folder / "keys").glob("*.key")
    made, first, second, _ = run(idp, "A new key-encryption key")
    assert made["key_file"] != str(old)
    assert first["rewrapped"] >= 4
    assert second["rewrapped"] == 0
    old.unlink()
    assert len(idp("keys", "list")) == 4


def test_a_lost_key_file_is_named_and_nothing_is_made_over_it(idp: Commands) -> None:
    (kept,) = (idp.folder / "keys").glob("*.key")
    content = kept.read_bytes()
    kept.unlink()
    with pytest.raises(AssertionError):
        run(idp, "A key file is lost or damaged")
    assert list((idp.folder / "keys").glob("*.key")) == []
    kept.write_bytes(content)
    kept.chmod(0o600)
    run(idp, "A key file is lost or damaged")


def test_one_more_node(idp: Commands) -> None:
    _, listed = run(idp, "One more node")
    assert set(states(listed)) == {"active"}
