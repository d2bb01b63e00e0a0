"""Redis from Debian's package: a server that keeps nothing on disk, and its databases."""

import redis

from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.servers.server import Server

DATABASES = 256


class RedisDatabase:
    """One numbered database of a running server; channels of PUBLISH are shared by all of them."""

    def __init__(self, port: int, number: int = 0) -> None:
        self.port = port
        self.number = number

    @property
    def url(self) -> str:
        """What the setting ``redis.url`` takes."""
        return f"redis://127.0.0.1:{self.port}/{self.number}"

    def empty(self) -> None:
        """Forget every key of this database."""
        with redis.Redis(port=self.port, db=self.number) as client:
            client.flushdb()

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


class RedisServer(Server, RedisDatabase):
    """A server of our own; it starts empty each time."""

    def __init__(self) -> None:
        Server.__init__(self)
        RedisDatabase.__init__(self, free_port())

    def database(self, number: int) -> RedisDatabase:
        """Another of its databases."""
        return RedisDatabase(self.port, number)

    def launch(self) -> Process:
        """Run the server."""
        settings = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "databases": str(DATABASES),
            "save": "",
            "appendonly": "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        process = Process(["redis-server", *options], log=self.folder / "log")
        process.wait_until(self.is_ready)
        return process
