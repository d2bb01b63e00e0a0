"""``idp person import``: many people from a file, with a verdict for each row."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from idp.cli.installation import Installation
from idp.cli.lookup import find_organization
from idp.cli.output import printed, table
from idp.cli.refusals import field_reason
from idp.directory import people_file
from idp.directory.importing import Outcome, Verdict, import_people
from idp.directory.persons import Added
from idp.foundation.database import Transaction
from idp.serving.welcome import welcome

_VERDICTS = table("line", "username", "outcome", "reason", empty="")
_REFUSED = (Outcome.INVALID, Outcome.DUPLICATE)


def _human(result: Mapping[str, Any]) -> str:
    verdicts = _VERDICTS(result["rows"])
    counts = ", ".join(f"{count} {outcome}" for outcome, count in result["counts"].items())
    return f"{verdicts}\n{'Would be: ' if result['dry_run'] else ''}{counts}."


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organization", required=True, metavar="SLUG", help="Where they belong.")
@click.option("--dry-run", is_flag=True, help="Say what would come of each row; add nobody.")
@click.option("--no-mail", is_flag=True, help="Send no links for making passwords.")
@printed(_human, failed=lambda result: any(row["outcome"] in _REFUSED for row in result["rows"]))
@click.pass_obj
def import_file(
    installation: Installation, file: Path, organization: str, dry_run: bool, no_mail: bool
) -> Mapping[str, Any]:
    """Add the people of a CSV file, with a verdict for each row.

    Columns: username,given_name,family_name and, where wanted, email,title,unit,role. Each row is
    added as a whole or not at all; status 1 if one is invalid or stands there twice.
    """
    rows = people_file.read(file.read_bytes())
    with installation.database.reading() as tx:
        place = find_organization(tx, organization)

    def send_link(tx: Transaction, added: Added) -> None:
        welcome(installation.deployment, tx, added.person, place.id, by=installation.operator)

    verdicts = import_people(
        installation.database,
        place,
        rows,
        by=installation.operator,
        dry_run=dry_run,
        then=None if no_mail else send_link,
    )
    console = Console(stderr=True)
    progress = track(
        verdicts, "Importing", len(rows), console=console, disable=not console.is_terminal
    )
    described = [_described(verdict) for verdict in progress]
    return {
        "organization": organization,
        "dry_run": dry_run,
        "counts": Counter(row["outcome"] for row in described),
        "rows": described,
    }


def _described(verdict: Verdict) -> dict[str, Any]:
    return {
        "line": verdict.line,
        "username": verdict.username,
        "outcome": verdict.outcome.value,
        "problems": dict(verdict.problems),
        "reason": _reason(verdict),
        "differs": list(verdict.differs),
        "first_line": verdict.first_line,
    }


def _reason(verdict: Verdict) -> str:
    """What a person should look at in this row."""
    if verdict.first_line is not None:
        return f"the same username as in line {verdict.first_line}"
    if verdict.differs:
        return f"the account that is there has another {' and '.join(verdict.differs)}"
    return "; ".join(f"{name}: {field_reason(code, {})}" for name, code in verdict.problems.items())
