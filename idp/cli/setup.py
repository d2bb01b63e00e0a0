"""``idp init`` and ``idp migrate``: what must be there before anything can be served."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from idp.audit import Event, record
from idp.cli.installation import Installation
from idp.cli.output import printed, say
from idp.migrations.lock import alone
from idp.migrations.schema import Schema, upgrade
from idp.serving.preparation import prepare_installation


def _told(made: Mapping[str, Any]) -> str:
    operator = made["operator"]
    if operator is None:
        return ""
    return (
        f"The first operator is {operator['username']}. Their link for making a password, "
        f"until {operator['expires_at']:%Y-%m-%d %H:%M} UTC:\n{operator['link']}"
    )


@click.command()
@click.option("--operator-username", default="operator", help="The first operator's username.")
@click.option("--operator-email", help="Where the first operator's later links go.")
@printed(_told)
@click.pass_obj
def init(
    installation: Installation, operator_username: str, operator_email: str | None
) -> Mapping[str, Any]:
    """Create what is missing: keys, schema, first operator.

    Safe to repeat, and safe on several nodes at once.
    """
    made = prepare_installation(
        installation.settings,
        operator_username=operator_username,
        operator_email=operator_email,
        by=installation.operator,
    )
    if made.key_file:
        say(f"The key-encryption key is {made.key_file}. Back it up apart from the database.")
    _tell_schema(made.before)
    if made.made_signing_keys:
        say("The first signing keys are made.")
    if made.operator is None:
        say("There is an operator; 'idp person link' prints a fresh link where one is needed.")
    return {
        "key_file": str(made.key_file) if made.key_file else None,
        "schema": made.before.newest,
        "schema_before": made.before.version,
        "made_signing_keys": made.made_signing_keys,
        "operator": asdict(made.operator) if made.operator else None,
    }


@click.command()
@printed(lambda _result: "")
@click.pass_obj
def migrate(installation: Installation) -> Mapping[str, Any]:
    """Bring the database's schema to this version.

    Online and restartable; it refuses to go on from a schema that it does not know.
    """
    with alone(installation.engine):
        before = upgrade(installation.engine)
        if not before.is_current and before.version:
            with installation.database.transaction() as tx:
                by = installation.operator
                record(tx, Event.SYSTEM_MIGRATED, by=by, old=before.version, new=before.newest)
    _tell_schema(before)
    return {"schema": before.newest, "schema_before": before.version}


def _tell_schema(before: Schema) -> None:
    if before.is_current:
        say(f"The schema is at {before.newest}.")
    else:
        say(f"The schema went from {before.version or 'nothing'} to {before.newest}.")
