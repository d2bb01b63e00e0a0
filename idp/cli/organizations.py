"""``idp organization``: the organizations, founded with their first main user in one step (M1)."""

from collections.abc import Mapping
from typing import Any

import click

from idp.cli.domains import domain
from idp.cli.installation import Installation
from idp.cli.lookup import find_organization
from idp.cli.output import facts, printed, table
from idp.config import LOCALES
from idp.directory import organizations, people, persons
from idp.directory.models import Organization
from idp.directory.persons import NewPerson
from idp.foundation.database import Transaction
from idp.serving.welcome import welcome


@click.group()
def organization() -> None:
    """Found and manage organizations."""


organization.add_command(domain)


@organization.command()
@click.argument("slug")
@click.option("--name", required=True, help="Its name, as people read it.")
@click.option("--locale", type=click.Choice(LOCALES), help="The language of its first mails.")
@click.option("--main-user", metavar="USERNAME", help="Its first main user, added with it.")
@click.option("--given-name", help="The main user's given name.")
@click.option("--family-name", help="The main user's family name.")
@click.option("--email", help="The main user's address; otherwise the username, if it is one.")
@click.option("--no-mail", is_flag=True, help="Send the main user no link.")
@printed(facts)
@click.pass_obj
def create(
    installation: Installation,
    *,
    slug: str,
    name: str,
    locale: str | None,
    main_user: str | None,
    given_name: str | None,
    family_name: str | None,
    email: str | None,
    no_mail: bool,
) -> Mapping[str, Any]:
    """Found an organization, with its first main user."""
    new = _main_user(main_user, given_name, family_name, email)
    by = installation.operator
    locale = locale or installation.settings.default_locale
    with installation.database.transaction() as tx:
        founded = organizations.create(tx, slug, name, by=by, locale=locale)
        if new is None:
            return described(tx, founded)
        added = persons.add(tx, new, founded, by=by)
        is_mailed = not no_mail and welcome(
            installation.deployment, tx, added.person, founded.id, by=by
        )
        return {**described(tx, founded), "main_user": new.username, "link_mailed": is_mailed}


@organization.command()
@click.argument("slug")
@printed(facts)
@click.pass_obj
def show(installation: Installation, slug: str) -> Mapping[str, Any]:
    """Show an organization and how many people it has."""
    with installation.database.reading() as tx:
        return described(tx, find_organization(tx, slug))


@organization.command("list")
@printed(
    table(
        *("slug", "name", "people", "main_users", "uses_sso", "suspended_at"),
        empty="There is no organization.",
    )
)
@click.pass_obj
def list_organizations(installation: Installation) -> list[Mapping[str, Any]]:
    """List the organizations by name."""
    with installation.database.reading() as tx:
        return [described(tx, each) for each in organizations.all(tx)]


@organization.command()
@click.argument("slug")
@printed(facts)
@click.pass_obj
def suspend(installation: Installation, slug: str) -> Mapping[str, Any]:
    """Shut an organization's people out of it at once."""
    with installation.database.transaction() as tx:
        found = find_organization(tx, slug)
        organizations.suspend(tx, found.id, by=installation.operator)
        return described(tx, found)


@organization.command()
@click.argument("slug")
@printed(facts)
@click.pass_obj
def resume(installation: Installation, slug: str) -> Mapping[str, Any]:
    """Let a suspended organization's people in again."""
    with installation.database.transaction() as tx:
        found = find_organization(tx, slug)
        organizations.resume(tx, found.id, by=installation.operator)
        return described(tx, found)


def described(tx: Transaction, organization: Organization) -> dict[str, Any]:
    """An organization as results say it."""
    counts = people.counts(tx, organization.id)
    return {
        "slug": organization.slug,
        "name": organization.name,
        "id": organization.id,
        "locale": organization.locale,
        "uses_sso": organization.uses_sso,
        "created_at": organization.created_at,
        "suspended_at": organization.suspended_at,
        "people": counts.people,
        "main_users": counts.main_users,
    }


def _main_user(
    username: str | None, given_name: str | None, family_name: str | None, email: str | None
) -> NewPerson | None:
    if username is None:
        return None
    if not given_name or not family_name:
        raise click.UsageError("--main-user needs --given-name and --family-name")
    return NewPerson(
        username=username,
        given_name=given_name,
        family_name=family_name,
        email=email,
        roles=("main_user",),
    )
