"""Fixtures of the real servers; one PostgreSQL and one Redis serve all workers of a run.

Under xdist the controller owns them and tells each worker their ports; otherwise they start when
the first test asks. A conftest takes them in with ``pytest_plugins = ["tests.servers.plugin"]``.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.servers.browser import chromium
from tests.servers.postgresql import PostgreSQL, PostgreSQLServer
from tests.servers.redis import RedisDatabase, RedisServer
from tests.servers.smtp import SmtpServer

servers = pytest.StashKey[ExitStack]()
ports = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the shared servers where this is the controller of several workers."""
    if is_controller(config):
        stack = config.stash[servers] = ExitStack()
        config.stash[ports] = {
            "postgresql_port": stack.enter_context(PostgreSQLServer(durable=False)).port,
            "redis_port": stack.enter_context(RedisServer()).port,
        }


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them."""
    config.stash.get(servers, ExitStack()).close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where they are."""
    node.workerinput.update(node.config.stash[ports])


def is_controller(config: pytest.Config) -> bool:
    """Whether this process hands its tests to workers."""
    return (
        config.getoption("dist", "no") != "no"
        and not config.getoption("collectonly")
        and not hasattr(config, "workerinput")
    )


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> Iterator[PostgreSQL]:
    """A PostgreSQL to make databases in; it is quick, not durable."""
    given: dict[str, Any] | None = getattr(pytestconfig, "workerinput", None)
    if given is None:
        with PostgreSQLServer(durable=False) as server:
            yield server
    else:
        yield PostgreSQL(given["postgresql_port"])


@pytest.fixture(scope="session")
def redis_server(pytestconfig: pytest.Config) -> Iterator[RedisDatabase]:
    """A Redis database of this worker's own."""
    given: dict[str, Any] | None = getattr(pytestconfig, "workerinput", None)
    if given is None:
        with RedisServer() as server:
            yield server
    else:
        yield RedisDatabase(given["redis_port"], number=int(given["workerid"].removeprefix("gw")))


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server for one test."""
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; each test opens a context of its own in it."""
    with chromium() as running:
        yield running
