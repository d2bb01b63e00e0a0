"""``idp connection``: an organization's own single sign-on (contract, "Connections")."""

import json
from collections.abc import Callable, Mapping
from typing import IO, Any

import click

from idp.authentication.federation import arrivals
from idp.authentication.federation.arrivals import OK
from idp.authentication.federation.journey import ANSWERS
from idp.authentication.federation.models import Arrival, ConnectionRecord
from idp.authentication.federation.reasons import FederationRefused, Reader, Reason, explain
from idp.cli.installation import Installation
from idp.cli.lookup import find_organization
from idp.cli.output import document, facts, printed, say
from idp.cli.refusals import Stopped
from idp.directory.models import Organization
from idp.errors import NotFound
from idp.foundation.database import Transaction


@click.group()
def connection() -> None:
    """Connect an organization's own single sign-on."""


@connection.command()
@click.argument("slug")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--enable", is_flag=True, help="Switch it on at once.")
@printed(document)
@click.pass_obj
def create(
    installation: Installation, slug: str, file: IO[str], *, enable: bool
) -> Mapping[str, Any]:
    """Create the connection that FILE describes.

    SLUG is the organization; FILE - is standard input. The connection is switched off unless
    --enable. An upstream that does not answer is no obstacle; a warning says so.
    """
    given = _read(file)
    connections = installation.deployment.connections
    with installation.database.transaction() as tx:
        organization = find_organization(tx, slug)
        row = connections.create(tx, organization, given, by=installation.operator)
        if enable:
            connections.enable(tx, row, by=installation.operator, why="created")
        result = _shown(installation, organization, row)
    connections.changed()
    found = _tested(installation, slug, row.name)
    if not found["ok"]:
        say(f"Warning: {found['explanation']}")
    return result


def _of_organization(command: Callable[..., Any]) -> Callable[..., Any]:
    """SLUG [NAME]: a connection of an organization; the name can be left out where it has one."""
    return click.argument("slug")(click.argument("name", required=False)(command))


def _with_reason(command: Callable[..., Any]) -> Callable[..., Any]:
    option = click.option("--reason", "why", default="", help="Why, for history and audit log.")
    return option(command)


@connection.command()
@_of_organization
@printed(facts, failed=lambda result: not result["ok"])
@click.pass_obj
def test(installation: Installation, slug: str, name: str | None) -> Mapping[str, Any]:
    """Ask a connection's upstream what needs no person."""
    return _tested(installation, slug, name)


@connection.command()
@_of_organization
@_with_reason
@printed(facts)
@click.pass_obj
def accept(installation: Installation, slug: str, name: str | None, why: str) -> Mapping[str, Any]:
    """Take SAML metadata that waits; compare the keys first.

    A document whose keys are all new waits until a person says that it is the right one.
    """
    deployment = installation.deployment
    with installation.database.transaction() as tx:
        row = _find(installation, tx, find_organization(tx, slug), name)
        found = deployment.connections.by_id(tx, row.id)
        refresh = deployment.federation.metadata_refresh
        if not refresh.accept(tx, found, by=installation.operator, why=why):
            raise Stopped("no metadata waits")
        taken = deployment.connections.by_id(tx, row.id)
    deployment.connections.changed()
    return deployment.federation.partners.facts(taken)


@connection.command()
@_of_organization
@_with_reason
@printed(document)
@click.pass_obj
def enable(installation: Installation, /, **asked: Any) -> Mapping[str, Any]:
    """Let people in through a connection."""
    return _switch(installation, on=True, **asked)


@connection.command()
@_of_organization
@_with_reason
@printed(document)
@click.pass_obj
def disable(installation: Installation, /, **asked: Any) -> Mapping[str, Any]:
    """Shut a connection, and all that was begun through it, at once."""
    return _switch(installation, on=False, **asked)


@connection.command()
@_of_organization
@printed(document)
@click.pass_obj
def show(installation: Installation, slug: str, name: str | None) -> Any:
    """Show the connections, or one with its history.

    Secrets are never shown.
    """
    connections = installation.deployment.connections
    with installation.database.reading() as tx:
        organization = find_organization(tx, slug)
        if name is None:
            rows = connections.all(tx, organization.id)
            return [_shown(installation, organization, row) for row in rows]
        row = _find(installation, tx, organization, name)
        history = [
            {
                "version": each.version,
                "at": each.changed_at,
                "by": each.changed_by,
                "reason": each.reason,
                "enabled": each.is_enabled,
            }
            for each in connections.versions(tx, row)
        ]
        return {**_shown(installation, organization, row), "history": history}


@connection.command()
@click.argument("reference")
@printed(document)
@click.pass_obj
def diagnose(installation: Installation, reference: str) -> Mapping[str, Any]:
    """Tell what became of the arrival REFERENCE.

    REFERENCE is what the person's page showed; the answer says how to mend it.
    """
    with installation.database.reading() as tx:
        found = arrivals.by_reference(tx, reference.strip().upper())
        if found is None:
            raise Stopped(f"no arrival {reference!r} is kept")
        row = tx.session.get_one(ConnectionRecord, found.connection_id)
        organization = tx.session.get_one(Organization, row.organization_id)
        return {"organization": organization.slug, "connection": row.name, **_diagnosed(found)}


def _read(file: IO[str]) -> object:
    try:
        return json.load(file)
    except (ValueError, RecursionError) as error:
        raise Stopped(f"{file.name} is not JSON: {error}") from error


def _find(
    installation: Installation, tx: Transaction, organization: Organization, name: str | None
) -> ConnectionRecord:
    """The connection named, or the only one."""
    connections = installation.deployment.connections
    if name is not None:
        try:
            return connections.get(tx, organization.id, name)
        except NotFound as error:
            raise Stopped(f"{organization.slug!r} has no connection {name!r}") from error
    rows = connections.all(tx, organization.id)
    if len(rows) != 1:
        names = ", ".join(row.name for row in rows) or "it has none"
        raise Stopped(f"name one of the connections of {organization.slug!r}: {names}")
    return rows[0]


def _switch(
    installation: Installation, slug: str, name: str | None, *, on: bool, why: str
) -> Mapping[str, Any]:
    connections = installation.deployment.connections
    with installation.database.transaction() as tx:
        organization = find_organization(tx, slug)
        row = _find(installation, tx, organization, name)
        (connections.enable if on else connections.disable)(
            tx, row, by=installation.operator, why=why
        )
        result = _shown(installation, organization, row)
    connections.changed()
    return result


def _tested(installation: Installation, slug: str, name: str | None) -> Mapping[str, Any]:
    with installation.database.reading() as tx:
        row = _find(installation, tx, find_organization(tx, slug), name)
        found = installation.deployment.connections.by_id(tx, row.id)
    try:
        said = installation.deployment.federation.check(found)
    except FederationRefused as refusal:
        return {"connection": found.name, "ok": False, **_refused(refusal)}
    return {"connection": found.name, "ok": True, **said}


def _refused(refusal: FederationRefused) -> dict[str, Any]:
    pair = {
        "field": refusal.field,
        "expected": refusal.expected,
        "received": refusal.received,
    }
    return {
        "reason": refusal.reason.value,
        "explanation": explain(refusal.reason, Reader.IT, "en"),
        **{name: value for name, value in pair.items() if value},
    }


def _diagnosed(found: Arrival) -> dict[str, Any]:
    said: dict[str, Any] = {
        "reference": found.reference,
        "at": found.at,
        "reason": found.reason,
        "test": found.is_test,
    }
    if found.reason != OK:
        reason = Reason(found.reason)
        said |= {reader.value: explain(reason, reader, "en") for reader in Reader}
    return {**said, **found.shape}


def _shown(
    installation: Installation, organization: Organization, row: ConnectionRecord
) -> dict[str, Any]:
    path = f"{installation.settings.issuer}/sso/{organization.slug}"
    signed_out = {"post_logout_redirect_uri": f"{path}/{row.name}/signed-out"}
    return {
        "organization": organization.slug,
        **row.document,
        "enabled": row.enabled_at is not None,
        "default": row.is_default,
        "version": row.version,
        "sso_link": path if row.is_default else f"{path}/{row.name}",
        "redirect_uri": f"{path}/{row.name}/{ANSWERS[row.kind]}",
        **(signed_out if row.kind == "oidc" else {}),
    }
