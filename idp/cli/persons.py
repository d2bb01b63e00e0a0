"""``idp person``: people, their usernames and their links."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from idp.authentication import credentials
from idp.cli.arguments import MOMENT
from idp.cli.installation import Installation
from idp.cli.lookup import find_organization, find_person
from idp.cli.output import facts, printed, table
from idp.cli.people_import import import_file
from idp.cli.refusals import Stopped
from idp.directory import memberships, persons, usernames
from idp.directory.fields import ROLES
from idp.directory.models import Membership, Person
from idp.directory.persons import NewPerson
from idp.foundation.database import Transaction
from idp.serving.welcome import show_link, welcome


@click.group()
def person() -> None:
    """Add, find and manage people."""


person.add_command(import_file)


@person.command()
@click.argument("username")
@click.option("--organization", required=True, metavar="SLUG", help="Where they belong.")
@click.option("--given-name", required=True, help="Their given name.")
@click.option("--family-name", required=True, help="Their family name.")
@click.option("--email", help="Where their links go; otherwise the username, if it is an address.")
@click.option("--title", default="", help="Their title there.")
@click.option("--unit", default="", help="Their unit there.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="A role there.")
@click.option("--no-mail", is_flag=True, help="Send no link for making a password.")
@printed(facts)
@click.pass_obj
def add(
    installation: Installation,
    *,
    username: str,
    organization: str,
    given_name: str,
    family_name: str,
    email: str | None,
    title: str,
    unit: str,
    roles: tuple[str, ...],
    no_mail: bool,
) -> Mapping[str, Any]:
    """Add a person to an organization.

    A known username brings its account along: it gets another organization, not another account.
    """
    new = NewPerson(
        username=username,
        given_name=given_name,
        family_name=family_name,
        email=email,
        title=title,
        unit=unit,
        roles=roles,
    )
    with installation.database.transaction() as tx:
        place = find_organization(tx, organization)
        added = persons.add(tx, new, place, by=installation.operator)
        is_mailed = not no_mail and welcome(
            installation.deployment, tx, added.person, place.id, by=installation.operator
        )
        return {
            **described(tx, added.person),
            "is_new": added.is_new,
            "differs": list(added.differs),
            "link_mailed": is_mailed,
        }


@person.command()
@click.argument("username")
@printed(lambda shown: f"{shown['link']}\nIt works until {shown['expires_at']:%Y-%m-%d %H:%M} UTC.")
@click.pass_obj
def link(installation: Installation, username: str) -> Mapping[str, Any]:
    """Print a fresh link for making a password (support)."""
    with installation.database.transaction() as tx:
        found = find_person(tx, username)
        shown = show_link(installation.deployment, tx, found, by=installation.operator)
    return asdict(shown)


@person.command()
@click.argument("username")
@click.argument("new")
@click.option("--reason", required=True, help="Why; kept with the name for ever.")
@printed(facts)
@click.pass_obj
def rename(installation: Installation, username: str, new: str, reason: str) -> Mapping[str, Any]:
    """Give a person another username.

    Nobody else ever gets the old one; the person stays the same for every client (sub).
    """
    with installation.database.transaction() as tx:
        found = find_person(tx, username)
        usernames.rename(tx, found.id, new, by=installation.operator, reason=reason)
        return described(tx, found)


@person.command()
@click.argument("username")
@click.option("--reason", default="not told", help="Why; kept in the audit log.")
@printed(facts)
@click.pass_obj
def lock(installation: Installation, username: str, reason: str) -> Mapping[str, Any]:
    """Shut a person out everywhere at once."""
    with installation.database.transaction() as tx:
        found = find_person(tx, username)
        persons.lock(tx, found.id, by=installation.operator, reason=reason)
        return described(tx, found)


@person.command()
@click.argument("username")
@printed(facts)
@click.pass_obj
def unlock(installation: Installation, username: str) -> Mapping[str, Any]:
    """Let a locked person sign in again."""
    with installation.database.transaction() as tx:
        found = find_person(tx, username)
        persons.unlock(tx, found.id, by=installation.operator)
        return described(tx, found)


@person.command()
@click.argument("username")
@printed(facts)
@click.pass_obj
def show(installation: Installation, username: str) -> Mapping[str, Any]:
    """Show a person and the organizations they belong to."""
    with installation.database.reading() as tx:
        return described(tx, find_person(tx, username))


@person.command()
@click.argument("username")
@click.option("--at", type=MOMENT, help="Only who held the username then.")
@printed(
    table("username", "held_from", "held_until", "changed_by", "reason", "now", empty="Nobody.")
)
@click.pass_obj
def history(installation: Installation, username: str, at: datetime | None) -> list[Any]:
    """List the usernames of who holds or has held this one.

    With --at, only who held this very username at that moment.
    """
    with installation.database.reading() as tx:
        owner = usernames.owner(tx, username)
        if owner is None:
            raise Stopped(f"nobody has ever held {username!r}")
        holder = persons.get(tx, owner)
        held = usernames.held_by(tx, username, at) if at else None
        if at and held is None:
            raise Stopped(f"nobody held {username!r} then")
        periods = [held] if held else usernames.history(tx, owner)
        return [
            {
                "username": period.username,
                "held_from": period.held_from,
                "held_until": period.held_until,
                "changed_by": period.changed_by,
                "reason": period.reason,
                "now": holder.username,
                "sub": holder.id,
            }
            for period in periods
        ]


def described(tx: Transaction, person: Person) -> dict[str, Any]:
    """A person as results say it."""
    return {
        "username": person.username,
        "sub": person.id,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "email_confirmed_at": person.email_confirmed_at,
        "locale": person.locale,
        "has_password": credentials.has_password(tx, person.id),
        "is_operator": person.is_operator,
        "created_at": person.created_at,
        "locked_at": person.locked_at,
        "organizations": [_place(each) for each in memberships.of_person(tx, person.id)],
    }


def _place(membership: Membership) -> dict[str, Any]:
    return {
        "slug": membership.organization.slug,
        "name": membership.organization.name,
        "title": membership.title,
        "unit": membership.unit,
        "roles": membership.roles,
        "source": membership.source,
        "locked_at": membership.locked_at,
    }
