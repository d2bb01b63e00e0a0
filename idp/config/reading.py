"""Reading: one TOML file, the environment over it, all the mistakes at once."""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from idp.config.settings import Settings
from idp.errors import ConfigurationError


def load(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises ConfigurationError with every mistake, each under its key.

    ``path`` None means no file: the environment alone. Relative paths inside the file are taken
    from the file's folder.
    """
    environ = os.environ if environ is None else environ
    table: dict[str, Any] = {}
    if path is not None:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError({str(path): error.strerror or "cannot be read"}) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError({str(path): f"is not TOML: {error}"}) from error
    problems: dict[str, str] = {}
    _overlay(table, environ, problems)
    base = (path.parent if path else Path()).resolve()
    table = _read_secrets(table, base, problems)
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        for item in error.errors():
            problems.setdefault(".".join(map(str, item["loc"])), _sentence(item["msg"]))
        raise ConfigurationError(problems) from None
    if settings.outbound.ca_file and not (base / settings.outbound.ca_file).is_file():
        problems["outbound.ca_file"] = f"no such file: {settings.outbound.ca_file}"
    if problems:
        raise ConfigurationError(problems)
    return _anchor(settings, base)


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").replace(
        "Extra inputs are not permitted", "unknown setting"
    )


def _overlay(table: dict[str, Any], environ: Mapping[str, str], problems: dict[str, str]) -> None:
    """Lay ``IDP_SECTION__KEY`` over the file; numbers and lists are read as JSON."""
    for name, text in environ.items():
        if not name.startswith("IDP_") or name == "IDP_CONFIG":
            continue
        *sections, key = name.removeprefix("IDP_").lower().split("__")
        target = table
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                problems[name] = f"{section} is not a section"
                break
        else:
            target[key] = _environment_value(text)


def _environment_value(text: str) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, str) else value


def _read_secrets(
    table: dict[str, Any], base: Path, problems: dict[str, str], at: str = ""
) -> dict[str, Any]:
    """Replace each ``{ file = "PATH" }`` by what the file holds, without its final newline."""
    read: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{at}{key}"
        if isinstance(value, dict) and set(value) == {"file"} and isinstance(value["file"], str):
            try:
                read[key] = (base / value["file"]).read_text(encoding="utf-8").rstrip("\n")
            except (OSError, UnicodeDecodeError) as error:
                problems[where] = f"{value['file']} cannot be read: {error}"
        elif isinstance(value, dict):
            read[key] = _read_secrets(value, base, problems, f"{where}.")
        else:
            read[key] = value
    return read


def _anchor(settings: Settings, base: Path) -> Settings:
    """Make the paths of the settings absolute, so that a daemon's folder does not matter."""
    database, mail = settings.database, settings.mail
    if database.url.startswith("sqlite:///"):
        file = base / database.url.removeprefix("sqlite:///")
        database = database.model_copy(update={"url": f"sqlite:///{file}"})
    if mail.url.startswith("file:"):
        mail = mail.model_copy(update={"url": f"file:{base / mail.url.removeprefix('file:')}"})
    keys = settings.keys.model_copy(update={"directory": base / settings.keys.directory})
    outbound = settings.outbound
    if outbound.ca_file:
        outbound = outbound.model_copy(update={"ca_file": str(base / outbound.ca_file)})
    return settings.model_copy(
        update={"database": database, "mail": mail, "keys": keys, "outbound": outbound}
    )
