"""What commands print: JSON for programs, aligned text for people, never a terminal's orders."""

import json
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from click.testing import CliRunner

from idp.cli.arguments import MOMENT
from idp.cli.output import align, cell, facts, printed, say, table

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def command_that_returns(result: Any, **options: Any) -> click.Command:
    @click.command()
    @printed(facts, **options)
    def command() -> Any:
        say("a word aside")
        return result

    return command


def test_with_json_there_is_one_document_and_nothing_else_on_standard_output() -> None:
    ran = CliRunner().invoke(command_that_returns({"name": "Åbo", "at": NOON}), ["--json"])
    assert json.loads(ran.stdout) == {"name": "Åbo", "at": "2026-03-31T12:00:00Z"}
    assert ran.stderr == "a word aside\n"


def test_without_json_people_read_names_and_values() -> None:
    ran = CliRunner().invoke(command_that_returns({"given_name": "Aino", "email": None}))
    assert ran.stdout == "given name  Aino\n"


def test_a_result_that_says_failure_is_printed_and_exits_1() -> None:
    command = command_that_returns({"problem": "altered"}, failed=lambda result: True)
    ran = CliRunner().invoke(command, ["--json"])
    assert (ran.exit_code, json.loads(ran.stdout)) == (1, {"problem": "altered"})


def test_a_list_is_a_table_with_a_head() -> None:
    human = table("slug", "name", empty="None.")
    assert human([{"slug": "a", "name": "Aava"}, {"slug": "bb", "name": "Bo"}]) == (
        "SLUG  NAME\na     Aava\nbb    Bo"
    )
    assert human([]) == "None."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (False, ""),
        (True, "yes"),
        (0, "0"),
        (NOON, "2026-03-31T12:00:00Z"),
        (["main_user", "it_admin"], "main_user, it_admin"),
        ({"old": "a", "new": None}, "old=a, new="),
        ("two\nlines \x1b[31mred\x07", "two�lines �[31mred�"),
    ],
)
def test_a_value_is_one_line_that_cannot_command_the_terminal(value: object, text: str) -> None:
    assert cell(value) == text


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    # Decomposed Ä takes one place, a CJK letter two.
    assert align([["A\u0308", "x"], ["漢字", "y"]]) == "A\u0308     x\n漢字  y"


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        # Finland is two hours ahead of UTC in winter and three in summer.
        ("2026-01-15", "2026-01-14T22:00:00+00:00"),
        ("2026-07-15", "2026-07-14T21:00:00+00:00"),
        ("2026-07-15T12:00:00Z", "2026-07-15T12:00:00+00:00"),
        ("2026-07-15T12:00:00+03:00", "2026-07-15T09:00:00+00:00"),
    ],
)
def test_a_date_is_its_first_moment_in_finland(typed: str, moment: str) -> None:
    assert MOMENT.convert(typed, None, None) == datetime.fromisoformat(moment)


def test_what_is_no_data_has_no_place_in_a_result() -> None:
    ran = CliRunner().invoke(command_that_returns({"path": object()}), ["--json"])
    assert isinstance(ran.exception, TypeError)


def test_where_there_is_nothing_to_say_nothing_is_said() -> None:
    ran = CliRunner().invoke(command_that_returns({"email": None}))
    assert ran.stdout == ""


@pytest.mark.parametrize("typed", ["yesterday", "31.3.2026", "2026-13-01", ""])
def test_what_is_no_date_is_bad_usage(typed: str) -> None:
    with pytest.raises(click.BadParameter):
        MOMENT.convert(typed, None, None)
