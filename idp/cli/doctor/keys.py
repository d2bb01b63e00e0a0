"""Checks of keys: the key-encryption keys in their folder, the signing keys sealed under them."""

import stat
from pathlib import Path

from idp.cli.doctor.finding import Finding, Findings, fine, warning, wrong
from idp.config import Settings
from idp.errors import ConfigurationError, Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Database
from idp.foundation.ephemeral import Memory
from idp.foundation.sealed import KeyRing, Unopenable
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.ring import Ring, SigningKeys


def load_keys(directory: Path) -> "tuple[KeyRing | None, list[Finding]]":
    """The key-encryption keys, or None with what is wrong with them."""
    try:
        keyring = KeyRing.load(directory)
    except ConfigurationError as error:
        cure = "Restore keys/ from its backup; 'idp init' makes keys only where nothing is sealed"
        return None, [wrong(about, text, cure) for about, text in error.problems.items()]
    found = [fine("keys.directory", f"{directory}: {keyring.current} seals")]
    if stat.S_IMODE(directory.stat().st_mode) & 0o077:
        found.append(warning("keys.directory", f"others may list it: {directory}", "chmod 700 it"))
    return keyring, found


def check_signing(settings: Settings, database: Database, keyring: KeyRing) -> Findings:
    """Open every signing key and see that one is active for each algorithm."""
    try:
        ring = SigningKeys(settings, database, keyring, Memory()).ring()
    except Unopenable:
        yield wrong(
            "signing keys",
            "they are sealed under a key that is not in keys.directory",
            "Copy the key files of the node that made them, or restore them from their backup",
        )
        return
    yield from _active(ring, settings)


def _active(ring: Ring, settings: Settings) -> Findings:
    now = utcnow()
    for alg in SIGNING_ALGORITHMS:
        try:
            key = ring.active(alg, now)
        except Unavailable:
            yield wrong("signing keys", f"no {alg} key is active", "idp init")
            continue
        age = now - key.active_from
        if age > settings.lifetimes.signing_key:
            yield warning(
                "signing keys",
                f"the {alg} key has signed for {age.days} days",
                "See that 'idp deliver' runs: it rotates them; or idp keys rotate",
            )
        else:
            yield fine("signing keys", f"{alg} {key.kid} signs, {age.days} days old")
