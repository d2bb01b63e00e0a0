"""The command's words: what there is, how it is asked, and how it says no."""

from datetime import timedelta

import click
import pytest
from click.testing import CliRunner

from idp.cli import main
from idp.cli.refusals import reason
from idp.errors import IdpError, Invalid, Refused, Throttled, Unavailable
from tests.cli.conftest import Commands

# The contract's list; connections and what else comes later join it.
COMMANDS = (
    *("init", "serve", "web", "deliver", "demo", "doctor", "migrate", "backup", "restore"),
    *(f"organization {word}" for word in ("create", "list", "show", "suspend", "resume")),
    *(f"organization domain {word}" for word in ("add", "verify", "remove", "list")),
    *(f"person {word}" for word in ("add", "import", "link", "rename", "lock", "unlock")),
    *("person show", "person history"),
    *(f"client {word}" for word in ("register", "list", "show", "rotate-secret")),
    *(f"client {word}" for word in ("update", "disable", "enable")),
    *(f"client initial-token {word}" for word in ("create", "list", "revoke")),
    *(f"connection {word}" for word in ("create", "test", "enable", "disable", "show")),
    *("connection diagnose", "connection accept"),
    *(f"keys {word}" for word in ("list", "rotate", "revoke", "rewrap")),
    *(f"audit {word}" for word in ("list", "verify", "export")),
)
GROUPS = ("organization", "person", "client", "connection", "keys", "audit")
SERVERS = ("serve", "web", "deliver", "demo")


def words_of(group: click.Group, before: str = "") -> set[str]:
    found = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= words_of(command, f"{before}{name} ")
        else:
            found.add(f"{before}{name}")
    return found


def test_the_commands_are_those_of_the_contract() -> None:
    assert words_of(main) == set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_says_what_it_does_without_an_installation(words: str) -> None:
    ran = CliRunner().invoke(main, [*words.split(), "--help"], env={"IDP_CONFIG": "/nowhere"})
    assert ran.exit_code == 0
    assert f"Usage: main {words} [OPTIONS]" in ran.stdout


@pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS)])
def test_every_line_of_help_fits_a_terminal(group: tuple[str, ...]) -> None:
    ran = CliRunner().invoke(main, [*group, "--help"], terminal_width=80)
    listed = ran.stdout.partition("Commands:")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in SERVERS])
def test_every_command_but_the_servers_takes_json(words: str) -> None:
    ran = CliRunner().invoke(main, [*words.split(), "--help"])
    assert "--json" in ran.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("person", "dance"),
        ("person", "show"),
        ("person", "rename", "a", "b"),
        ("organization", "create", "metsola"),
        ("organization", "create", "metsola", "--name", "M", "--main-user", "aino"),
        ("audit", "list", "--limit", "100000"),
        ("audit", "list", "--event", "tea.made"),
        ("audit", "verify", "--after", "seven"),
        ("person", "history", "aino", "--at", "yesterday"),
        ("keys", "rotate", "--alg", "none"),
    ],
)
def test_bad_usage_exits_2_and_prints_nothing(idp: Commands, words: tuple[str, ...]) -> None:
    ran = idp.run(*words, "--json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "Error: " in ran.stderr


def test_a_configuration_that_does_not_hold_exits_2_with_every_mistake(idp: Commands) -> None:
    idp.config.write_text(
        'issuer = "ftp://id.example.fi"\n[server]\nworkers = "many"\n[mails]\n[redis]\nurl = "x"'
    )
    ran = idp.run("organization", "list", "--json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    told = {line.strip().partition(":")[0] for line in ran.stderr.splitlines()[1:]}
    assert told == {"issuer", "server.workers", "mails", "redis.url"}


def test_a_configuration_file_that_is_missing_exits_2(idp: Commands) -> None:
    idp.config.unlink()
    ran = idp.run("doctor")
    assert ran.exit_code == 2
    assert "No such file" in ran.stderr


def test_the_environment_alone_can_be_the_configuration(
    idp: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.chdir(idp.folder)
    idp.config.unlink()
    monkeypatch.delenv("IDP_CONFIG", raising=False)
    monkeypatch.setenv("IDP_ISSUER", "https://id.example.fi")
    ran = CliRunner().invoke(main, ["organization", "list", "--json"])
    assert (ran.exit_code, ran.stdout) == (0, "[]\n")


def test_before_init_commands_say_what_to_do(idp: Commands) -> None:
    (idp.folder / "idp.db").unlink()
    assert idp.refusal("organization", "list") == (
        "idp: the database has no schema yet: run 'idp init'"
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("organization", "show", "puisto"), "idp: there is no organization 'puisto'"),
        (("organization", "suspend", "../x"), "idp: there is no organization '../x'"),
        (("person", "show", "nobody"), "idp: there is no person 'nobody'"),
        (("person", "history", "nobody"), "idp: nobody has ever held 'nobody'"),
    ],
)
def test_what_is_refused_exits_1_with_one_line(
    idp: Commands, words: tuple[str, ...], line: str
) -> None:
    assert idp.refusal(*words) == line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Refused("tea_is_cold", cup=3), "tea is cold (cup 3)"),
        (Refused("tea_is_cold"), "tea is cold"),
        (Invalid({"leaf": "must be green"}), "leaf: must be green"),
        (Unavailable("tea_is_cold"), "tea is cold (try again in 2 s)"),
        (Throttled(timedelta(minutes=1), "tea_is_cold"), "tea is cold (try again in 60 s)"),
    ],
)
def test_a_reason_without_a_text_is_told_plainly(error: IdpError, line: str) -> None:
    assert reason(error) == line


def test_a_reason_is_one_line_with_its_cause() -> None:
    error = Unavailable("database_unreachable")
    error.__cause__ = OSError("connection\nrefused")
    assert reason(error) == (
        "the database cannot be reached (try again in 2 s) [connection refused]"
    )
