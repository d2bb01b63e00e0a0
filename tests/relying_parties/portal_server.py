"""The example portal as a process of its own, registered at a running provider."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.live import LiveServer
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

ROOT = Path(__file__).parents[2]
METADATA = ROOT / "examples" / "portal" / "client.json"


class PortalServer(Server):
    """Runs on a port of its own with the registration of `examples/portal/client.json`."""

    def __init__(self, provider: LiveServer, host: str = "localhost") -> None:
        super().__init__()
        self._host = host
        self._port = free_port()
        self.issuer = provider.issuer
        metadata = METADATA.read_text().replace("http://localhost:8001", self.url)
        client = provider.register(json.loads(metadata))
        (self.folder / "client.json").write_text(json.dumps(client))

    @property
    def url(self) -> str:
        """The portal's front page, without the slash."""
        return f"http://{self._host}:{self._port}"

    def launch(self) -> Process:
        command: list[str | Path] = [
            *("env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "examples.portal"),
            *("--issuer", self.issuer, "--client", self.folder / "client.json"),
            *("--url", self.url, "--bind", f"127.0.0.1:{self._port}"),
            *("--database", self.database),
        ]
        process = Process(command, log=self.folder / "portal.log")
        process.wait_until(self._answers)
        return process

    @property
    def database(self) -> Path:
        """The file of its sessions and records."""
        return self.folder / "portal.db"

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return (self.folder / "portal.log").read_text()

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into its database, or change it behind its back."""
        with closing(sqlite3.connect(self.database)) as database, database:
            return database.execute(statement, values).fetchall()

    def forget(self) -> None:
        """Sign everybody out here and forget who they were."""
        for table in ("step", "session", "person", "earlier_username"):
            self.execute(f"DELETE FROM {table}")

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url).is_success
        except httpx.TransportError:
            return False
