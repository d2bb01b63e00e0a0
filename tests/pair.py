"""Two nodes of the real server behind a TLS front, on one PostgreSQL and one Redis."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.live import LiveServer
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import RedisDatabase
from tests.servers.tls import TlsFront


class Pair:
    """The front and its nodes; ``first`` is the provider by whose commands things are made."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str) -> None:
        port = free_port()
        folders = [folder / name for name in ("first", "second")]
        for each in folders:
            each.mkdir()
        self.first = LiveServer(
            folders[0],
            database_url=database_url,
            redis_url=redis_url,
            issuer=f"https://localhost:{port}",
        )
        self.nodes = (self.first, self.first.twin(folders[1]))
        self.front = TlsFront([node.port for node in self.nodes], port)

    @property
    def issuer(self) -> str:
        """What both nodes call themselves: the front's address."""
        return self.first.issuer

    def start(self) -> None:
        """Start all three."""
        for node in self.nodes:
            node.start()
        self.front.start()

    def stop(self) -> None:
        """Stop all three."""
        self.front.__exit__(None, None, None)
        for node in self.nodes:
            node.stop()

    def at(self, node: LiveServer) -> httpx.Client:
        """A client that speaks with one node, as the front would."""
        headers = {"Host": self.issuer.removeprefix("https://")}
        return httpx.Client(base_url=f"http://127.0.0.1:{node.port}", headers=headers, timeout=30)


@pytest.fixture(scope="session")
def _pair(
    tmp_path_factory: pytest.TempPathFactory,
    postgresql: PostgreSQL,
    redis_server: RedisDatabase,
) -> Iterator[Pair]:
    """The pair, started when first asked for."""
    pair = Pair(
        tmp_path_factory.mktemp("pair"),
        database_url=postgresql.create_database(f"pair{uuid4().hex}"),
        redis_url=redis_server.url,
    )
    pair.start()
    yield pair
    pair.stop()


@pytest.fixture
def pair(_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Two nodes behind a TLS front that everybody in this test trusts; shared by all tests."""
    for name, value in _pair.front.trust.items():
        monkeypatch.setenv(name, value)
    return _pair
