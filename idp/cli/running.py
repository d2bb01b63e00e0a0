"""``idp serve``, ``web`` and ``deliver``: the product's processes."""

from functools import partial

import click

from idp.cli.installation import Installation
from idp.cli.output import say
from idp.config import Settings
from idp.foundation.sealed import KeyRing
from idp.migrations.schema import require_schema
from idp.serving.delivery import serve_delivery
from idp.serving.processes import supervise
from idp.serving.web import require_free, serve_web


@click.command()
@click.pass_context
def serve(context: click.Context) -> None:
    """Serve the web and deliver what waits; SIGTERM drains.

    Each in a process of its own that is started again if it dies.
    """
    settings = _ready_to_listen(context.obj)
    say(f"{settings.issuer} is served at {settings.server.bind}")
    jobs = {"web": partial(serve_web, settings), "deliver": partial(serve_delivery, settings)}
    context.exit(supervise(jobs))


@click.command()
@click.pass_obj
def web(installation: Installation) -> None:
    """Serve the web, without the delivery."""
    serve_web(_ready_to_listen(installation))


@click.command()
@click.pass_obj
def deliver(installation: Installation) -> None:
    """Deliver what waits, without the web.

    It sends mails and logouts, seals the audit log, rotates keys and forgets what has ended.
    """
    serve_delivery(_ready(installation))


def _ready_to_listen(installation: Installation) -> Settings:
    require_free(installation.settings.server.bind)
    return _ready(installation)


def _ready(installation: Installation) -> Settings:
    """The settings, once it is certain that there are keys and a schema to serve with."""
    KeyRing.load(installation.settings.keys.directory)
    require_schema(installation.engine)
    # Nothing open is handed on to the processes that are forked from here.
    installation.engine.dispose()
    return installation.settings
