"""The settings as a frozen, typed tree; each field's description is its manual."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, EmailStr, Field

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


def _address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme != "https" or not parts.hostname):
        raise ValueError("must be an https address, or empty")
    return value


Address = Annotated[str, AfterValidator(_address)]
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
    threads: int = Field(
        64, ge=2, le=256, description="Threads a worker; a quarter of them never hash passwords."
    )
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
        64,
        ge=1,
        le=10000,
        description="Sign-ins waiting for a hash before others get 503; see threads.",
    )


class Lifetimes(Section):
    """How long things live, in seconds."""

    password_link: Seconds = Field(
        timedelta(hours=12), description="A mailed link, counted from the request for it."
    )
    authorization_code: Seconds = Field(timedelta(seconds=60), description="A code.")
    device_code: Seconds = Field(
        timedelta(minutes=10), description="A device's code, while its person signs in elsewhere."
    )
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
    software_statement_issuer: str = Field(
        "", description="Whose software statements are trusted (their iss); empty: nobody's."
    )
    software_statement_keys: str = Field(
        "", description="File of that issuer's public keys, a JWK set."
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
    documentation_url: Address = Field(
        "", description="What relying parties' developers read; empty: discovery names none."
    )
    policy_url: Address = Field(
        "", description="What relying parties may do with people's data; empty: none is named."
    )
    terms_url: Address = Field(
        "", description="The terms of use for relying parties; empty: none is named."
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
