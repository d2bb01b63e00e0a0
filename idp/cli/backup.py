"""``idp backup`` and ``idp restore``: every fact in one file, and back, in either kind of store."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from idp.audit import Event, record
from idp.authorization.housekeeping import void_all
from idp.cli.installation import Installation
from idp.cli.output import facts, printed, say
from idp.errors import Refused
from idp.migrations.lock import alone
from idp.migrations.schema import upgrade
from idp.serving.backup import back_up, read_back
from idp.serving.store import lay_out

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("path", metavar="FILE", type=_FILE)
@printed(facts)
@click.pass_obj
def backup(installation: Installation, path: Path) -> Mapping[str, Any]:
    """Write all that the database holds to a new FILE.

    Of one moment, while the nodes serve on. The key-encryption keys are not in it: keep them apart.
    """
    with _counted("Backing up") as progress:
        rows = back_up(installation.database.engine, path, progress)
    with installation.database.transaction() as tx:
        record(tx, Event.SYSTEM_BACKED_UP, by=installation.operator, rows=rows)
    return {"file": str(path), "rows": rows, "bytes": path.stat().st_size}


@click.command()
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@printed(facts)
@click.pass_obj
def restore(installation: Installation, path: Path, yes: bool) -> Mapping[str, Any]:
    """Put a backup in the place of all that the database holds.

    Stop the nodes first. The backup may be of the other kind of store. It comes back whole or not
    at all, and every session, code, link and refresh token ends: some were used since.
    """
    if sys.stdin.isatty() and not yes:
        click.confirm("All that the database holds now will be lost. Go on?", abort=True, err=True)
    lay_out(installation.engine)
    with alone(installation.engine):
        upgrade(installation.engine)
        taken_at = _replace(installation, path)
    say("Start the nodes. People sign in again and order their links again.")
    return {"file": str(path), "taken_at": taken_at}


def _replace(installation: Installation, path: Path) -> Any:
    deployment = installation.deployment
    with _counted("Restoring") as progress, installation.database.transaction() as tx:
        taken_at = read_back(tx.session.connection(), path, progress)
        void_all(tx)
        if not deployment.signing_keys.opens(tx):
            raise Refused("keys_foreign", directory=deployment.parts.settings.keys.directory)
        record(tx, Event.SYSTEM_RESTORED, by=installation.operator, taken_at=str(taken_at))
    deployment.clients.changed()
    return taken_at


@contextmanager
def _counted(description: str) -> Iterator[Callable[[int], object]]:
    """A line that counts rows, where a person looks on."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed} rows"))
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(description, total=None)
        yield lambda rows: bar.advance(task, rows)
