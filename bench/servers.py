"""What every server under test has in common, and the empty ones that bound the rest."""

import http.client
import json
import sys
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet

from bench.clients import Client, Registration
from bench.errors import BenchError
from bench.site import Person, Site
from bench.ways import Way
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

ROOT = Path(__file__).parents[1]
DISCOVERY = "/.well-known/openid-configuration"


class Contestant(Server):
    """A server on one core, which starts on the same port each time.

    ``stores`` are measured apart; ``stand_ins`` on the generator's core count as the generator.
    """

    name: str

    def __init__(self, core: int, stores: Sequence[Server] = ()) -> None:
        super().__init__()
        self.stores = stores
        self.stand_ins: Sequence[Server] = ()
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        self._core = core

    def launch(self) -> Process:
        """Run it until it answers 200 on discovery."""
        variables = [f"{name}={value}" for name, value in self.environment().items()]
        pinned = ["taskset", "--cpu-list", str(self._core), *self.command()]
        process = Process(["env", *variables, *pinned], log=self.folder / "log")
        process.wait_until(self._answers)
        return process

    def walks(self, way: Way) -> bool:
        """Tell whether ``way`` is measured on this server."""
        return not way.hashing and not way.arrives

    def environment(self) -> Mapping[str, str]:
        """Return what the server's environment has beyond ours."""
        return {}

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that serves until SIGTERM."""

    @abstractmethod
    def site(self) -> Site:
        """Return what visitors need; the server is running."""

    def discovered(self, clients: Mapping[Registration, Client], people: Sequence[Person]) -> Site:
        """Return the site that the running server's own discovery describes."""
        metadata = self._json(DISCOVERY)
        if metadata["issuer"] != self.issuer:
            raise BenchError(
                f"{self.name} calls itself {metadata['issuer']!r}, not {self.issuer!r}"
            )
        keys = KeySet.import_key_set(self._json(metadata["jwks_uri"].removeprefix(self.issuer)))
        return Site(
            issuer=self.issuer, metadata=metadata, keys=keys, clients=clients, people=people
        )

    def _answers(self) -> bool:
        try:
            return self._get(DISCOVERY)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _json(self, target: str) -> Any:
        return json.loads(self._get(target)[1])

    def _get(self, target: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", target, headers={"Host": f"localhost:{self.port}"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


class Empty(Contestant):
    """granian with an application that answers any request with one short document."""

    def __init__(self, core: int, application: str) -> None:
        super().__init__(core)
        self.name = f"empty {application}"
        self._application = application

    def command(self) -> list[str]:
        program = Path(sys.executable).with_name("granian")
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        size = ["--workers", "1", "--blocking-threads", "1"]
        application = f"bench.empty:{self._application}"
        return [str(program), "--interface", "wsgi", "--no-ws", *where, *size, application]

    def environment(self) -> Mapping[str, str]:
        return {"PYTHONPATH": str(ROOT)}

    def site(self) -> Site:
        client = Client(client_id="", algorithm="ES256", scope="")
        return Site(
            issuer=self.issuer,
            metadata={},
            keys=KeySet([]),
            clients={Registration(): client},
            people=[Person("", "")],
        )

    def walks(self, way: Way) -> bool:
        return way.name == "discovery"
