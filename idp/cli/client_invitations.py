"""``idp client initial-token``: who may register clients (RFC 7591 section 3)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click

from idp.cli.installation import Installation
from idp.cli.output import facts, printed, say, table
from idp.clients import invitations


@click.group("initial-token")
def initial_token() -> None:
    """Let others register clients, so often and so long."""


@initial_token.command()
@click.option(
    "--uses",
    type=click.IntRange(1, invitations.MOST_USES),
    default=1,
    show_default=True,
    help="How many clients it registers.",
)
@click.option(
    "--days",
    type=click.IntRange(1, invitations.LONGEST.days),
    default=1,
    show_default=True,
    help="How many days it counts.",
)
@click.option("--note", default="", help="For whom; kept in the audit log.")
@printed(facts)
@click.pass_obj
def create(installation: Installation, uses: int, days: int, note: str) -> Mapping[str, Any]:
    """Make an initial access token, printed this once.

    Only a digest of it is kept.
    """
    if installation.settings.registration.mode != "token":
        say('It counts once the configuration says [registration] mode = "token".')
    with installation.database.transaction() as tx:
        made = invitations.invite(
            tx, uses=uses, lifetime=timedelta(days=days), note=note, by=installation.operator
        )
    return {
        "id": made.id,
        "initial_access_token": made.token,
        "uses": made.uses,
        "expires_at": made.expires_at,
    }


@initial_token.command("list")
@printed(table("id", "note", "uses_left", "expires_at", empty="No initial access token counts."))
@click.pass_obj
def list_tokens(installation: Installation) -> list[Mapping[str, Any]]:
    """List the initial access tokens that still count, oldest first."""
    with installation.database.reading() as tx:
        return [
            {
                "id": row.id,
                "note": row.note,
                "uses_left": row.uses_left,
                "created_at": row.created_at,
                "expires_at": row.expires_at,
            }
            for row in invitations.standing(tx)
        ]


@initial_token.command()
@click.argument("token_id", metavar="ID")
@printed(facts)
@click.pass_obj
def revoke(installation: Installation, token_id: str) -> Mapping[str, Any]:
    """Take an initial access token back; what it registered stays."""
    with installation.database.transaction() as tx:
        invitations.revoke(tx, token_id, by=installation.operator)
    return {"id": token_id, "revoked": True}
