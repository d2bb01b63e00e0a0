"""``idp organization domain``: the e-mail domains that lead to an organization's way in."""

from collections.abc import Mapping
from typing import Any

import click

from idp.authentication.federation import domains
from idp.authentication.federation.domain_checks import TxtRecords
from idp.authentication.federation.models import OrganizationDomain
from idp.cli.installation import Installation
from idp.cli.lookup import find_organization
from idp.cli.output import facts, printed, table
from idp.cli.refusals import Stopped
from idp.errors import NotFound
from idp.foundation.database import Transaction


@click.group()
def domain() -> None:
    """Manage the e-mail domains that lead to its sign-on."""


@domain.command()
@click.argument("slug")
@click.argument("domain")
@printed(facts)
@click.pass_obj
def add(installation: Installation, slug: str, domain: str) -> Mapping[str, Any]:
    """Add a domain, and print the TXT record that shows whose it is."""
    with installation.database.transaction() as tx:
        found = find_organization(tx, slug)
        return _shown(domains.add(tx, found.id, domain, by=installation.operator))


@domain.command()
@click.argument("slug")
@click.argument("domain")
@click.option("--by-operator", is_flag=True, help="Take your word for it; DNS is not asked.")
@printed(facts)
@click.pass_obj
def verify(
    installation: Installation, slug: str, domain: str, *, by_operator: bool
) -> Mapping[str, Any]:
    """Look for the TXT record in DNS.

    Once it is there, people of the domain are led to their organization's own sign-on.
    """
    with installation.database.reading() as tx:
        asked = domains.record_of(_find(tx, slug, domain))
    if not by_operator and not TxtRecords().prove(asked):
        raise Stopped(f"no TXT record {asked[0]} with the value {asked[1]} was found")
    with installation.database.transaction() as tx:
        row = _find(tx, slug, domain)
        how = "operator" if by_operator else "dns"
        domains.verify(tx, row, how=how, by=installation.operator)
        return _shown(row)


@domain.command()
@click.argument("slug")
@click.argument("domain")
@printed(facts)
@click.pass_obj
def remove(installation: Installation, slug: str, domain: str) -> Mapping[str, Any]:
    """Forget a domain, at once."""
    with installation.database.transaction() as tx:
        row = _find(tx, slug, domain)
        shown = {"domain": row.domain, "removed": True}
        domains.remove(tx, row.organization_id, row.domain, by=installation.operator)
        return shown


@domain.command("list")
@click.argument("slug")
@printed(table("domain", "verified_at", "verified_how", "checked_at", empty="There is none."))
@click.pass_obj
def list_domains(installation: Installation, slug: str) -> list[Mapping[str, Any]]:
    """List an organization's domains."""
    with installation.database.reading() as tx:
        return [_shown(each) for each in domains.all_of(tx, find_organization(tx, slug).id)]


def _find(tx: Transaction, slug: str, domain: str) -> OrganizationDomain:
    organization = find_organization(tx, slug)
    try:
        return domains.get(tx, organization.id, domains.normalized(domain))
    except NotFound as error:
        raise Stopped(f"{slug!r} has no domain {domain!r}") from error


def _shown(row: OrganizationDomain) -> dict[str, Any]:
    name, value = domains.record_of(row)
    return {
        "domain": row.domain,
        "verified_at": row.verified_at,
        "verified_how": row.verified_how,
        "checked_at": row.checked_at,
        "txt_name": name,
        "txt_value": value,
    }
