"""What providers need beside them: Redis, PostgreSQL and upstreams, started when first wanted."""

from contextlib import ExitStack
from functools import cached_property

from bench.upstreams import Upstreams
from bench.usage import on_core
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.redis import RedisServer


class Stores:
    """Real servers on ``core``, stopped with ``stack``; one provider at a time is under load."""

    def __init__(self, core: int, stack: ExitStack) -> None:
        self._core = core
        self._stack = stack

    @cached_property
    def redis(self) -> RedisServer:
        """A Redis that keeps nothing on disk."""
        with on_core(self._core):
            return self._stack.enter_context(RedisServer())

    @cached_property
    def postgresql(self) -> PostgreSQLServer:
        """A PostgreSQL whose commits are on disk."""
        with on_core(self._core):
            return self._stack.enter_context(PostgreSQLServer(durable=True))

    @cached_property
    def upstreams(self) -> Upstreams:
        """Identity providers upstream; the generator's core has their stand-in too."""
        return self._stack.enter_context(Upstreams())
