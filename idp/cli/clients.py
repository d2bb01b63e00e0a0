"""``idp client``: the relying parties, in RFC 7591's words."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click

from idp.cli.client_invitations import initial_token
from idp.cli.installation import Installation
from idp.cli.output import document, printed, say, table
from idp.cli.refusals import Stopped
from idp.clients.information import full_information, information
from idp.clients.registrations import SECRET_OVERLAP
from idp.foundation.database import Transaction


@click.group()
def client() -> None:
    """Register and manage relying parties."""


client.add_command(initial_token)


@client.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--third-party", is_flag=True, help="Somebody else's: people are asked for consent.")
@printed(document)
@click.pass_obj
def register(installation: Installation, file: IO[str], third_party: bool) -> Mapping[str, Any]:
    """Register the client that FILE describes.

    FILE - is standard input. The secret is printed this once; only a digest of it is kept, or, for
    client_secret_jwt, the secret sealed.
    """
    clients = installation.deployment.clients
    metadata = installation.deployment.admission.admit(_read(file))
    with installation.database.transaction() as tx:
        registered = clients.register(
            tx, metadata, is_first_party=not third_party, by=installation.operator
        )
        said = full_information(registered)
    clients.changed()
    return said


@client.command("list")
@printed(table("client_id", "client_name", "disabled_at", empty="No client is registered."))
@click.pass_obj
def list_clients(installation: Installation) -> list[Mapping[str, Any]]:
    """List the registered clients, oldest first."""
    with installation.database.reading() as tx:
        return [information(record) for record in installation.deployment.clients.all(tx)]


@client.command()
@click.argument("client_id")
@printed(document)
@click.pass_obj
def show(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Show a client's registration."""
    with installation.database.reading() as tx:
        record = installation.deployment.clients.get(tx, client_id)
        return {**information(record), "first_party": record.is_first_party}


@client.command()
@click.argument("client_id")
@click.argument("file", type=click.File(encoding="utf-8"))
@printed(document)
@click.pass_obj
def update(installation: Installation, client_id: str, file: IO[str]) -> Mapping[str, Any]:
    """Put FILE in the place of a client's metadata.

    - is standard input. What FILE leaves out takes its default; what 'idp client show' prints may
    be edited and given back. The secret stays, unless the new way of authentication needs another.
    """
    clients = installation.deployment.clients
    metadata = installation.deployment.admission.admit(_without_facts(_read(file)))
    with installation.database.transaction() as tx:
        row = clients.get(tx, client_id)
        said = full_information(clients.update(tx, row, metadata, by=installation.operator))
    clients.changed()
    return said


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
        said = full_information(registered)
    clients.changed()
    say(f"The old secret works for {SECRET_OVERLAP.days} days more.")
    return said


@client.command()
@click.argument("client_id")
@printed(document)
@click.pass_obj
def disable(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Refuse a client from now on."""
    clients = installation.deployment.clients
    with installation.database.transaction() as tx:
        clients.disable(tx, client_id, by=installation.operator)
        said = _standing(installation, tx, client_id)
    clients.changed()
    return said


@client.command()
@click.argument("client_id")
@printed(document)
@click.pass_obj
def enable(installation: Installation, client_id: str) -> Mapping[str, Any]:
    """Accept a disabled client again."""
    clients = installation.deployment.clients
    with installation.database.transaction() as tx:
        clients.enable(tx, client_id, by=installation.operator)
        said = _standing(installation, tx, client_id)
    clients.changed()
    return said


def _standing(installation: Installation, tx: Transaction, client_id: str) -> Mapping[str, Any]:
    return information(installation.deployment.clients.get(tx, client_id))


def _read(file: IO[str]) -> object:
    try:
        return json.load(file)
    except (ValueError, RecursionError) as error:
        raise Stopped(f"{file.name} is not JSON: {error}") from error


_FACTS = ("client_id", "client_id_issued_at", "disabled_at", "first_party")


def _without_facts(given: object) -> object:
    """The document without what `show` says beside the metadata."""
    if not isinstance(given, dict):
        return given
    return {name: value for name, value in given.items() if name not in _FACTS}
