"""Settings: one frozen, typed tree read from one TOML file and the environment.

An unknown key, a wrong type or a missing file stops every command with all the mistakes at once.
`example` is the text of ``config.example.toml``: each field's description is its manual.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    ValidationError,
)
from pydantic.fields import FieldInfo

from idp.errors import ConfigurationError

LOCALES = ("fi", "sv", "en")
Locale = Literal["fi", "sv", "en"]


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must be an https address (http only for localhost)")
    if not parts.hostname or parts.query or parts.fragment or value.endswith("/"):
        raise ValueError("must be a bare address, without query, fragment or final slash")
    if parts.path:
        raise ValueError("must have no path: the provider owns its whole host name")
    return value


def _network(value: str) -> str:
    ip_network(value, strict=False)
    return value


def _bind(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be ADDRESS:PORT")
    return value


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
    return value


def _mail_url(value: str) -> str:
    if not value.startswith(("smtp://", "smtps://", "file:")):
        raise ValueError("must start with smtp://, smtps:// or file:")
    return value


def _redis_url(value: str) -> str:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://, or be empty")
    return value


def _duration(value: object) -> object:
    """A number of seconds in TOML is a duration in the code; a string is refused as ambiguous."""
    if isinstance(value, bool) or not isinstance(value, (int, float, timedelta)):
        raise ValueError("must be a number of seconds")
    return value


Network = Annotated[str, AfterValidator(_network)]
Seconds = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]


class Section(BaseModel):
    """A frozen table of settings; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Server(Section):
    """How the web server listens."""

    bind: Annotated[str, AfterValidator(_bind)] = Field(
        "127.0.0.1:8000", description="Address and port to listen on."
    )
    workers: int = Field(1, ge=1, le=256, description="Worker processes; one a core.")
    threads: int = Field(4, ge=1, le=64, description="Threads a worker that handle requests.")
    trusted_proxies: tuple[Network, ...] = Field(
        (), description="Networks (CIDR) whose X-Forwarded-For counts; nobody else's does."
    )


class Database(Section):
    """Where every fact whose loss would hurt is kept."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        "sqlite:///idp.db",
        repr=False,
        description="sqlite:///FILE, or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )


class Redis(Section):
    """Memory that several nodes share and that may vanish."""

    url: Annotated[str, AfterValidator(_redis_url)] = Field(
        "", repr=False, description="redis://HOST:6379/0; empty: this process's memory, one node."
    )


class Mail(Section):
    """How mails leave."""

    url: Annotated[str, AfterValidator(_mail_url)] = Field(
        "smtp://localhost:25",
        repr=False,
        description="smtp://, smtps:// (USER:PASSWORD@HOST:PORT) or file:FOLDER.",
    )
    sender: EmailStr = Field("noreply@example.fi", description="The From address of every mail.")
    sender_name: str = Field(
        "Laatuportti", max_length=100, description="The name shown beside the From address."
    )


class Keys(Section):
    """Where the key-encryption keys lie."""

    directory: Path = Field(Path("keys"), description="Folder of the key-encryption keys, 0700.")


class Passwords(Section):
    """What a password must be and what guessing it costs."""

    minimum_length: int = Field(15, ge=8, le=64, description="Shortest password, in characters.")
    argon2_memory: int = Field(
        19456, ge=8, le=1048576, description="Argon2id memory, in KiB (19456 is 19 MiB)."
    )
    argon2_time: int = Field(2, ge=1, le=20, description="Argon2id passes over that memory.")
    concurrency: int = Field(
        2, ge=1, le=64, description="Passwords hashed at once in a worker; the rest queue."
    )
    queue: int = Field(
        64, ge=1, le=10000, description="Sign-ins waiting for a hash before others get 503."
    )


class Lifetimes(Section):
    """How long things live, in seconds."""

    password_link: Seconds = Field(
        timedelta(hours=12), description="A mailed link, counted from the request for it."
    )
    authorization_code: Seconds = Field(timedelta(seconds=60), description="A code.")
    access_token: Seconds = Field(timedelta(minutes=10), description="An access token.")
    id_token: Seconds = Field(timedelta(minutes=10), description="An ID token.")
    refresh_token: Seconds = Field(
        timedelta(days=30), description="A refresh token family, from the sign-in."
    )
    refresh_grace: Seconds = Field(
        timedelta(seconds=30), description="How long a lost answer to a refresh may be asked again."
    )
    session_idle: Seconds = Field(timedelta(hours=12), description="A session nobody uses.")
    session: Seconds = Field(timedelta(days=7), description="A session, however much it is used.")
    interaction: Seconds = Field(
        timedelta(hours=1), description="A sign-in page left open; after it the portal starts anew."
    )
    signing_key: Seconds = Field(timedelta(days=90), description="A signing key in active use.")
    audit: Seconds = Field(
        timedelta(days=365 * 6), description="Audit records; older ones may be exported and cut."
    )


class Registration(Section):
    """Dynamic client registration (RFC 7591)."""

    mode: Literal["off", "token", "open"] = Field(
        "off", description="off, token (initial access token) or open (conformance tests only)."
    )


class Outbound(Section):
    """What the guarded fetcher may reach."""

    allow_private_addresses: tuple[str, ...] = Field(
        (), description="Host names or CIDRs that may be fetched although they are private."
    )
    ca_file: str = Field("", description="Extra certificate authorities (PEM) to trust outward.")


class Log(Section):
    """What the server writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )


class Settings(Section):
    """All settings."""

    issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        description="The one public address; every URL we send starts with it."
    )
    support_contact: EmailStr = Field(
        "tuki@example.fi", description="Whom main users turn to; shown in the console (M19)."
    )
    portal_url: str = Field(
        "",
        description="The portal's address, for people who arrive without it; "
        "empty: the first registered client's initiate_login_uri.",
    )
    default_locale: Locale = Field("fi", description="Language where nothing else decides.")
    server: Server = Server()
    database: Database = Database()
    redis: Redis = Redis()
    mail: Mail = Mail()
    keys: Keys = Keys()
    passwords: Passwords = Passwords()
    lifetimes: Lifetimes = Lifetimes()
    registration: Registration = Registration()
    outbound: Outbound = Outbound()
    log: Log = Log()

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS; only plain localhost does not."""
        return self.issuer.startswith("https://")


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


def example() -> str:
    """The text of ``config.example.toml``."""
    lines = [
        "# Every setting of the identity provider, with its default and one sentence.",
        "# Any setting can come from the environment as IDP_SECTION__KEY (IDP_MAIL__URL, …);",
        '# a text can be read from a file: url = { file = "secrets/database-url" }.',
        "",
    ]
    sections = []
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Section):
            sections.append((name, field.default))
        else:
            lines += _setting(name, field)
    for name, section in sections:
        lines += ["", f"# {type(section).__doc__}", f"[{name}]"]
        for key, field in type(section).model_fields.items():
            lines += _setting(key, field)
    return "\n".join(lines) + "\n"


def _setting(name: str, field: FieldInfo) -> Iterator[str]:
    yield f"# {field.description}"
    if field.is_required():
        yield f'{name} = "https://id.example.fi"'
        return
    value = field.default
    if isinstance(value, timedelta):
        value = int(value.total_seconds())
    elif isinstance(value, Path):
        value = str(value)
    yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
