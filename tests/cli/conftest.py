"""Empty databases of both kinds, and installations that commands are run on."""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from tests.servers.postgresql import PostgreSQL

SETTINGS = """
issuer = "http://localhost:8000"
[mail]
url = "file:mail"
"""


@dataclass(frozen=True)
class Commands:
    """The command on one installation; what is run here is run in the test's own process."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    def run(self, *words: str, given: str = "") -> Result:
        """Run a command; however it ends."""
        return CliRunner().invoke(main, ["--config", str(self.config), *words], input=given)

    def __call__(self, *words: str, given: str = "") -> Any:
        """Run a command that does its work; the document it prints with ``--json``."""
        ran = self.run(*words, "--json", given=given)
        assert ran.exit_code == 0, (words, ran.output)
        return json.loads(ran.stdout)

    def refusal(self, *words: str, given: str = "") -> str:
        """Run a command that is refused; its one line."""
        ran = self.run(*words, "--json", given=given)
        assert (ran.exit_code, ran.stdout) == (1, ""), ran.output
        (line,) = ran.stderr.splitlines()
        return line


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/idp.db"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"cli_{uuid4().hex}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Commands say where the log goes; here that is taken back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    commands = Commands(tmp_path_factory.mktemp("prepared"))
    commands.config.write_text(SETTINGS)
    commands("init")
    return commands.folder


@pytest.fixture
def idp(_prepared: Path, tmp_path: Path) -> Commands:
    """The command on an installation that was just taken into use."""
    folder = tmp_path / "installation"
    shutil.copytree(_prepared, folder)
    return Commands(folder)


@pytest.fixture
def metsola(idp: Commands) -> Commands:
    """The same with an organization, ``metsola``, and its main user Aino."""
    names = ("--given-name", "Aino", "--family-name", "Virtanen")
    main_user = ("--main-user", "aino@metsola.example", *names)
    idp("organization", "create", "metsola", "--name", "Metsolan kunta", *main_user)
    return idp
