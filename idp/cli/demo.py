"""``idp demo``: everything at once on one's own machine."""

from pathlib import Path

import click

from idp.demo.folder import Place
from idp.demo.run import PORTS, run

_HIGHEST_PORT = 65535 - (PORTS - 1)


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where it keeps everything.",
)
@click.option("--fresh", is_flag=True, help="Start over: forget what the folder holds.")
@click.option(
    "--port",
    type=click.IntRange(1, _HIGHEST_PORT),
    default=8000,
    show_default=True,
    help="The provider's port; the portal, the mailbox and two stand-ins take the next four.",
)
@click.pass_context
def demo(context: click.Context, folder: Path, fresh: bool, port: int) -> None:
    """Serve a demo with sample people, a portal and a mailbox.

    It continues with what its folder holds, until it is interrupted.
    """
    context.exit(run(Place(folder=folder.absolute(), port=port), fresh=fresh, announce=click.echo))
