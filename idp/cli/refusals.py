"""From our errors to exit statuses and one line of plain English."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import click

from idp.errors import ConfigurationError, IdpError, Invalid, Throttled, Unavailable
from idp.foundation.locale import has_text, translate

SENTENCES = {
    "database_unreachable": "the database cannot be reached",
    "database_busy": "another process has been at the schema for two minutes",
    "cannot_listen": "cannot listen at %(bind)s: %(why)s",
    "no_example": "the demo needs the source tree: run it where examples/portal lies",
    "not_a_demo": "%(folder)s holds something that is not a demo: name another --folder",
    "demo_unprepared": "%(folder)s could not be prepared; --fresh starts over",
    "schema_missing": "the database has no schema yet: run 'idp init'",
    "schema_old": "the schema is at %(version)s, this version needs %(newest)s: run 'idp migrate'",
    "schema_unknown": "the schema is at %(version)s, which only a later version knows",
    "cannot_write": "%(path)s cannot be written: %(why)s",
    "not_a_backup": "%(path)s is not a whole backup",
    "other_schema": "%(path)s has the schema %(version)s, the database %(ours)s: restore it with "
    "the version that wrote it, then migrate",
    "schema_broken": "%(rows)s rows point to nothing after the migration; it was taken back",
    "keys_missing": "the database is sealed under keys that are not in %(directory)s: "
    "copy them from another node or from the backup",
    "keys_foreign": "the keys in %(directory)s do not open what is sealed in the database: "
    "copy the right ones from another node or from the backup",
}
"""What only the command line meets, so that it has no texts in the catalogs."""


class Stopped(click.ClickException):
    """The command ends here, refused: a message on standard error and exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message, and nothing else."""
        click.echo(f"idp: {self.format_message()}", file=file, err=file is None)


class Misconfigured(Stopped):
    """The settings do not hold: exit status 2."""

    exit_code = 2


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the parts raise in this block into `Stopped`."""
    try:
        yield
    except ConfigurationError as error:
        problems = str(error).replace("\n", "\n  ")
        raise Misconfigured(f"the configuration does not hold:\n  {problems}") from error
    except IdpError as error:
        raise Stopped(reason(error)) from error


def reason(error: IdpError) -> str:
    """Why, in one line."""
    if isinstance(error, Invalid) and error.fields:
        reasons = {field: field_reason(code, error.detail) for field, code in error.fields.items()}
        return "; ".join(f"{field}: {text}" for field, text in reasons.items())
    sentence = _sentence(error.code, error.detail)
    if isinstance(error, (Throttled, Unavailable)):
        sentence += f" (try again in {round(error.retry_after.total_seconds())} s)"
    if isinstance(error, Unavailable) and error.__cause__:
        sentence += f" [{_one_line(getattr(error.__cause__, 'orig', error.__cause__))}]"
    return sentence


def _sentence(code: str, detail: Mapping[str, object]) -> str:
    if code in SENTENCES:
        return SENTENCES[code] % detail
    return _text(f"error.{code}.text", detail) or _plain(code, detail)


def field_reason(code: str, detail: Mapping[str, object]) -> str:
    """Why a field does not hold, in one line."""
    return _text(f"field_error.{code}", detail) or _plain(code, detail)


def _text(key: str, detail: Mapping[str, object]) -> str | None:
    try:
        return _one_line(translate("en", key, **detail)) if has_text(key) else None
    except KeyError:
        return None


def _plain(code: str, detail: Mapping[str, object]) -> str:
    """A code without a text of its own, or a sentence for developers, with what is known of it."""
    known = ", ".join(f"{name} {value}" for name, value in detail.items())
    sentence = code.replace("_", " ")
    return f"{sentence} ({known})" if known else sentence


def _one_line(value: object) -> str:
    return " ".join(str(value).split())
