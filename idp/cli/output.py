"""How results are printed: one JSON document for programs, aligned text for people."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import click

Human = Callable[[Any], str]


def printed(
    human: Human, *, failed: Callable[[Any], bool] = lambda _result: False
) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Print what the command returns: with ``--json`` as it is, otherwise as ``human`` does.

    Where ``failed`` says so of the result, the exit status is 1 all the same.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., None]:
        @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
        @wraps(command)
        def run(*args: Any, as_json: bool, **kwargs: Any) -> None:
            result = command(*args, **kwargs)
            if as_json:
                click.echo(document(result))
            elif text := human(result):
                click.echo(text)
            if failed(result):
                click.get_current_context().exit(1)

        return run

    return decorate


def say(message: str) -> None:
    """Tell the person at the terminal something that is not the result."""
    click.echo(message, err=True)


def moment(value: object) -> str:
    """A moment as programs read it: RFC 3339, in UTC, to the second."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a result")
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def document(result: object) -> str:
    """A result as one JSON document: also for people, where a standard says it is JSON."""
    return json.dumps(result, ensure_ascii=False, indent=2, default=moment)


def facts(result: Mapping[str, Any]) -> str:
    """Names and values under each other; what is empty is left out."""
    rows = [(name.replace("_", " "), cell(value)) for name, value in result.items()]
    return align([row for row in rows if row[1]])


def table(*columns: str, empty: str) -> Human:
    """Lists as a table of these members; ``empty`` is said where there is nothing."""

    def human(results: Sequence[Mapping[str, Any]]) -> str:
        if not results:
            return empty
        head = [column.replace("_", " ").upper() for column in columns]
        return align([head, *([cell(row.get(name)) for name in columns] for row in results)])

    return human


def cell(value: object) -> str:
    """A value in one line of text; what people typed cannot command the terminal."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={cell(item)}" for name, item in value.items())
    return "".join(letter if letter.isprintable() else "�" for letter in str(value))


def align(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    """Places on a terminal: East Asian letters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )
