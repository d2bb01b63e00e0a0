"""The installation a command works on: its settings, its parts, and who is at the terminal."""

import getpass
import os
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from idp import Deployment, create_app
from idp.audit import Actor
from idp.config import Settings, load
from idp.foundation.database import Database
from idp.foundation.secrets import random_reference
from idp.migrations.schema import require_schema
from idp.serving.logs import configure
from idp.serving.store import open_engine


class Installation:
    """Everything is made when it is first asked for: ``idp doctor`` must work where little does."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    @cached_property
    def settings(self) -> Settings:
        """The settings; ConfigurationError with every mistake in them."""
        settings = load(self.path)
        configure("warning" if settings.log.level == "info" else settings.log.level)
        return settings

    @cached_property
    def engine(self) -> Engine:
        """The database alone, before there are keys or a schema."""
        return open_engine(self.settings)

    @cached_property
    def deployment(self) -> Deployment:
        """Every part; Refused unless the schema is one we can work with."""
        require_schema(self.engine)
        deployment: Deployment = create_app(self.settings).extensions["idp"]
        return deployment

    @property
    def database(self) -> Database:
        """The deployment's database."""
        return self.deployment.parts.database

    def close(self) -> None:
        """Let go of every connection."""
        made = self.__dict__
        if "engine" in made:
            self.engine.dispose()
        if "deployment" in made:
            self.database.close()

    @cached_property
    def operator(self) -> Actor:
        """Who does this, for the audit log: the account at the operating system."""
        return Actor(kind="operator", id=_account(), network="", reference=random_reference())


def _account() -> str:
    """The person's own account where they became another one by sudo."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
