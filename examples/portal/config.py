"""What the example portal is told at start, from arguments or the environment."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Config:
    """The portal's whole configuration; every address it sends out starts with ``url``."""

    client_id: str
    client_secret: str = field(repr=False)
    issuer: str = "http://localhost:8000"
    url: str = "http://localhost:8001"
    bind: str = "127.0.0.1:8001"
    database: str = ":memory:"
    support_contact: str = ""

    @property
    def is_https(self) -> bool:
        """Whether cookies can be marked Secure: everywhere but on a developer's own machine."""
        return self.url.startswith("https://")


OPTIONS = {
    "issuer": "the provider's issuer, exactly as its discovery document says it",
    "client-id": "the portal's client_id",
    "client-secret-file": "a file that holds the client secret (or set PORTAL_CLIENT_SECRET)",
    "client": "the JSON answer of `idp client register`, instead of the id and the secret",
    "url": "the portal's own public address",
    "bind": "HOST:PORT to listen on",
    "database": "an SQLite file for sessions and records; else they live as long as the process",
    "support-contact": "whom to contact in trouble",
}


def read_config(arguments: Sequence[str]) -> Config:
    """Read the options; ``--some-name`` may come from the environment as ``PORTAL_SOME_NAME``."""
    parser = ArgumentParser(prog="python -m examples.portal", description="The example portal.")
    for name, sentence in OPTIONS.items():
        parser.add_argument(
            f"--{name}",
            help=sentence,
            default=os.environ.get(f"PORTAL_{name.upper().replace('-', '_')}"),
        )
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value}
    given["client_secret"] = os.environ.get("PORTAL_CLIENT_SECRET", "")
    if secret_file := given.pop("client_secret_file", None):
        given["client_secret"] = Path(secret_file).read_text().strip()
    if client_file := given.pop("client", None):
        client = json.loads(Path(client_file).read_text())
        given |= {name: client[name] for name in ("client_id", "client_secret")}
    if not given.get("client_id") or not given["client_secret"]:
        parser.error("the client's id and secret are missing: see examples/portal/README.md")
    return Config(**given)
