"""The manuals name no command and no option that is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from idp.cli import main

ROOT = Path(__file__).parents[2]
MANUALS = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "keys/README.md"])
CODE = re.compile(r"```sh\n(.*?)```|`(idp [^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"^(?:sudo -u idp )?idp ((?:\\\n|[^#\n])*)", re.MULTILINE)


def written(path: Path) -> Iterator[list[str]]:
    """The words of each command in the code of a manual, without comments and ``--config``."""
    for block, inline in CODE.findall(path.read_text()):
        for command in COMMAND.findall(block or inline):
            yield re.sub(r"--config \S+ |\\\n", "", command).split()


def command_of(words: list[str]) -> click.Command:
    """The command that the words name; KeyError where there is none."""
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            break
        command = command.commands[word]
    return command


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_manual_writes_is_there(manual: Path) -> None:
    unknown = []
    for words in written(manual):
        try:
            command = command_of(words)
        except (KeyError, IndexError):
            unknown.append(" ".join(words))
            continue
        options = {name for each in command.params for name in each.opts}
        named = {word.partition("=")[0] for word in words if word.startswith("--")}
        unknown += [f"{words}: {name}" for name in named - options - {"--help"}]
    assert unknown == []


def test_the_manuals_are_read_at_all() -> None:
    assert sum(len(list(written(manual))) for manual in MANUALS) > 30
