"""``idp client``: the relying parties, in RFC 7591's words."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click

from idp.cli.installation import Installation
from idp.cli.output import document, printed, say, table
from idp.cli.refusals import Stopped
from idp.clients.models import ClientRecord
from idp.clients.registry import SECRET_OVERLAP, Registered


@click.group()
def client() -> None:
    """Register and manage relying parties."""


@client.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@printed(document)
@click.pass_obj
def register(installation: Installation, file: IO[str]) -> Mapping[str, Any]:
    """Register the client that FILE describes; - is standard input.

    The secret is printed this once; only a digest of it is kept.
    """
    metadata = _read(file)
    clients = installation.deployment.clients
    with installation.database.transaction() as tx:
        registered = clients.register(tx, metadata, by=installation.operator)
        information = _registered(registered)
    clients.changed()
    return information


@client.command("list")
@printed(table("client_id", "client_name", "disabled_at", empty="No client is registered."))
@click.pass_obj
def list_clients(installation: Installation) -> list[Mapping[str, Any]]:
    """List the registered clients, oldest first."""
    with installation.database.reading() as tx:
        return [_information(record) for record in installation.deployment.clients.all(tx)]


@client.command()
@click.argument("client_id")
@printed(document)
@click.pass_obj
def show(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Show a client's registration."""
    with installation.database.reading() as tx:
        return _information(installation.deployment.clients.get(tx, client_id))


@client.command("rotate-secret")
@click.argument("client_id")
@printed(document)
@click.pass_obj
def rotate_secret(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Give a client a new secret, printed once.

    The old one works on for a week, so that the client can be changed without haste.
    """
    clients = installation.deployment.clients
    with installation.database.transaction() as tx:
        registered = clients.rotate_secret(tx, client_id, by=installation.operator)
        information = _registered(registered)
    clients.changed()
    say(f"The old secret works for {SECRET_OVERLAP.days} days more.")
    return information


@client.command()
@click.argument("client_id")
@printed(document)
@click.pass_obj
def disable(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Refuse a client from now on."""
    clients = installation.deployment.clients
    with installation.database.transaction() as tx:
        clients.disable(tx, client_id, by=installation.operator)
        information = _information(clients.get(tx, client_id))
    clients.changed()
    return information


@client.command()
@click.argument("client_id")
@printed(document)
@click.pass_obj
def enable(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Accept a disabled client again."""
    clients = installation.deployment.clients
    with installation.database.transaction() as tx:
        clients.enable(tx, client_id, by=installation.operator)
        information = _information(clients.get(tx, client_id))
    clients.changed()
    return information


def _read(file: IO[str]) -> object:
    try:
        return json.load(file)
    except (ValueError, RecursionError) as error:
        raise Stopped(f"{file.name} is not JSON: {error}") from error


def _registered(registered: Registered) -> Mapping[str, Any]:
    """The client information response with its secret (RFC 7591 section 3.2.1)."""
    information = _information(registered.record)
    if registered.client_secret is None:
        return information
    secret = {"client_secret": registered.client_secret, "client_secret_expires_at": 0}
    return {"client_id": registered.record.client_id, **secret, **information}


def _information(record: ClientRecord) -> dict[str, Any]:
    """What is registered; the secret itself is not known any more."""
    standing = {"disabled_at": record.disabled_at} if record.disabled_at else {}
    return {
        "client_id": record.client_id,
        "client_id_issued_at": int(record.created_at.timestamp()),
        **record.client_metadata,
        **standing,
    }
