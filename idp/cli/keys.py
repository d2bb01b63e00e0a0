"""``idp keys``: the signing keys, and the key-encryption keys they are sealed under."""

from collections.abc import Mapping
from typing import Any

import click

from idp.cli.installation import Installation
from idp.cli.output import facts, printed, say, table
from idp.foundation.clock import utcnow
from idp.foundation.sealed import KeyRing
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.ring import PUBLISHED_AHEAD, Ring

_LIST = table("kid", "alg", "state", "active_from", "retired_at", empty="There is no signing key.")


@click.group()
def keys() -> None:
    """Manage the keys that sign tokens."""


@keys.command("list")
@printed(_LIST)
@click.pass_obj
def list_keys(installation: Installation) -> list[Mapping[str, Any]]:
    """List the published keys: next, active, retired."""
    return _listed(installation.deployment.signing_keys.ring())


@keys.command()
@click.option("--alg", type=click.Choice(SIGNING_ALGORITHMS), help="Only this algorithm's key.")
@printed(_LIST)
@click.pass_obj
def rotate(installation: Installation, alg: str | None) -> list[Mapping[str, Any]]:
    """Publish new keys, which take over in a day.

    The old ones retire then.
    """
    signing_keys = installation.deployment.signing_keys
    for each in [alg] if alg else SIGNING_ALGORITHMS:
        signing_keys.rotate(each, by=installation.operator)
    say(f"The new keys sign from {PUBLISHED_AHEAD.total_seconds() / 3600:.0f} hours on.")
    return _listed(signing_keys.ring())


@keys.command()
@click.argument("kid")
@printed(_LIST)
@click.pass_obj
def revoke(installation: Installation, kid: str) -> list[Mapping[str, Any]]:
    """Take a key out at once and put a new one in its place.

    Tokens that it signed are refused from now on.
    """
    signing_keys = installation.deployment.signing_keys
    signing_keys.revoke(kid, by=installation.operator)
    return _listed(signing_keys.ring())


@keys.command()
@click.option("--new-key", is_flag=True, help="Only write a new key-encryption key, seal nothing.")
@printed(facts)
@click.pass_obj
def rewrap(installation: Installation, new_key: bool) -> Mapping[str, Any]:
    """Seal every secret anew under the newest key-encryption key."""
    if new_key:
        path = KeyRing.create(installation.settings.keys.directory)
        say("Copy it to every node, restart them all, then run 'idp keys rewrap'.")
        return {"key_file": str(path)}
    count = installation.deployment.rewrap(by=installation.operator)
    return {"rewrapped": count, "key": installation.deployment.parts.keyring.current}


def _listed(ring: Ring) -> list[Mapping[str, Any]]:
    now = utcnow()
    return [
        {
            "kid": key.kid,
            "alg": key.alg,
            "state": ring.stage(key, now),
            "active_from": key.active_from,
            "retired_at": key.retired_at,
        }
        for key in ring.keys
    ]
