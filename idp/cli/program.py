"""The command's top: the options before the subcommand, and every subcommand in its place."""

from pathlib import Path
from typing import Any

import click

from idp.cli.audit import audit
from idp.cli.backup import backup, restore
from idp.cli.clients import client
from idp.cli.connections import connection
from idp.cli.demo import demo
from idp.cli.doctor import doctor
from idp.cli.installation import Installation
from idp.cli.keys import keys
from idp.cli.organizations import organization
from idp.cli.persons import person
from idp.cli.refusals import refusing
from idp.cli.running import deliver, serve, web
from idp.cli.setup import init, migrate
from idp.serving.configuration import configuration_file


class Program(click.Group):
    """A group whose commands may raise our errors."""

    def invoke(self, context: click.Context) -> Any:
        """Run the subcommand; what it refuses becomes one line and an exit status."""
        with refusing():
            return super().invoke(context)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="IDP_CONFIG",
    help="The configuration file (IDP_CONFIG; otherwise ./config.toml).",
)
@click.version_option(package_name="idp", prog_name="idp")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Operate the identity provider."""
    context.obj = Installation(configuration_file(config))
    context.call_on_close(context.obj.close)


for command in (
    *(init, serve, web, deliver, migrate, doctor, demo),
    *(organization, person, client, connection, keys, audit, backup, restore),
):
    main.add_command(command)
