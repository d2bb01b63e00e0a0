"""Checks of settings that hold, yet hardly are what an operator wants in earnest."""

import stat
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from idp.cli.doctor.finding import Finding, Findings, fine, warning, wrong
from idp.config import Settings

_RESERVED = (".example", ".invalid", ".localhost", ".test", "example.com", "example.fi")
_ADVISED_LENGTH = 15
_ADVISED_MEMORY = 19456


def check_settings(settings: Settings, path: Path | None) -> Findings:
    """Look at each setting that is risky in some installations."""
    found = [
        *_address(settings),
        *_proxies(settings),
        *_passwords(settings),
        *_workers(settings),
        *_sender(settings),
        *_file(path),
    ]
    yield from found or [fine("settings", f"{path or 'the environment'} holds")]


def _address(settings: Settings) -> Findings:
    if not settings.is_https:
        yield warning(
            "issuer",
            f"{settings.issuer} is for trying out: nothing is encrypted",
            "Set issuer to the public https address",
        )
    if settings.registration.mode == "open":
        yield wrong(
            "registration.mode",
            "anybody may register clients",
            'Set registration.mode to "off" or "token"',
        )


def _proxies(settings: Settings) -> Findings:
    host = settings.server.bind.rpartition(":")[0].strip("[]")
    if settings.is_https and not settings.server.trusted_proxies:
        yield warning(
            "server.trusted_proxies",
            "callers are known by the address of the proxy before us: limits hit all at once",
            'List the proxy\'s network, e.g. trusted_proxies = ["127.0.0.1/32"]',
        )
    if any(network.endswith("/0") for network in settings.server.trusted_proxies):
        yield wrong(
            "server.trusted_proxies",
            "everybody may claim any address",
            "List only the networks of your own proxies",
        )
    if settings.is_https and not _is_private(host):
        yield warning(
            "server.bind",
            f"{settings.server.bind} can be reached past the proxy, unencrypted",
            "Listen on an address that only the proxy reaches",
        )


def _is_private(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_private and not address.is_unspecified


def _passwords(settings: Settings) -> Findings:
    if settings.passwords.minimum_length < _ADVISED_LENGTH:
        yield warning(
            "passwords.minimum_length",
            f"{settings.passwords.minimum_length} characters are few for a password alone",
            f"Set it to {_ADVISED_LENGTH} or more (NIST SP 800-63B-4 section 3.1.1.2)",
        )
    if settings.passwords.argon2_memory < _ADVISED_MEMORY:
        yield wrong(
            "passwords.argon2_memory",
            f"{settings.passwords.argon2_memory} KiB make guessing cheap",
            f"Set it to {_ADVISED_MEMORY} or more; hashes are renewed at the next sign-in",
        )


def _workers(settings: Settings) -> Findings:
    if settings.server.workers > 1 and not settings.redis.url:
        yield warning(
            "redis.url",
            f"{settings.server.workers} workers count wrong passwords each for itself",
            "Set redis.url, or server.workers = 1",
        )


def _sender(settings: Settings) -> Findings:
    contacts = {
        "mail.sender": settings.mail.sender,
        "support_contact": settings.support_contact,
    }
    for key, address in contacts.items():
        domain = parseaddr(address)[1].rpartition("@")[2].lower()
        if settings.is_https and domain.endswith(_RESERVED):
            yield wrong(key, f"{address} is not an address of yours", f"Set {key}")
    if urlsplit(settings.mail.url).scheme == "file":
        yield warning(
            "mail.url",
            "mails are written to a folder, nobody gets them",
            "Set mail.url to smtp:// or smtps://",
        )


def _file(path: Path | None) -> "list[Finding]":
    if path is None or not stat.S_IMODE(path.stat().st_mode) & 0o007:
        return []
    return [
        warning(
            str(path),
            "everybody on this machine may read it, passwords in it too",
            f"chmod o= {path}, or keep secrets in files: url = {{ file = … }}",
        )
    ]
