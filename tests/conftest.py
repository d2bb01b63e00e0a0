"""The fixtures every test may ask for: stores, a provider on each, and the real servers."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from idp.foundation.database import Database
from tests.live import LiveServer
from tests.oidc_upstream import Upstream
from tests.provider import Provider
from tests.relying_party import RelyingParty

pytest_plugins = ["tests.servers.plugin", "tests.pair"]

STORES = ("sqlite", "postgresql")
"""SQLite with the process's memory, and PostgreSQL with Redis: the two ways to run the product."""


@pytest.fixture(scope="session")
def _providers(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Provider]:
    """One provider for each store, made when first asked for."""
    made: dict[str, Provider] = {}

    def provider(store: str) -> Provider:
        if store not in made:
            folder = tmp_path_factory.mktemp(f"provider-{store}")
            made[store] = Provider(folder, **stores(store, request))
        return made[store]

    return provider


@pytest.fixture(params=STORES)
def provider(
    request: pytest.FixtureRequest, _providers: Callable[[str], Provider]
) -> Iterator[Provider]:
    """A provider as new, once on each store."""
    provider = _providers(request.param)
    provider.reset()
    yield provider
    provider.deployment.parts.database.close()


@pytest.fixture
def database(provider: Provider) -> Database:
    """An empty database with the schema, once on each store."""
    return provider.database


@pytest.fixture(scope="session")
def _live_servers(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], LiveServer]]:
    """One running server for each store, started when first asked for."""
    made: dict[str, LiveServer] = {}

    def server(store: str) -> LiveServer:
        if store not in made:
            made[store] = LiveServer(
                tmp_path_factory.mktemp(f"live-{store}"), **stores(store, request)
            )
            made[store].start()
        return made[store]

    yield server
    for one in made.values():
        one.stop()


def stores(store: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """The addresses of a new, empty store of this kind."""
    if store == "sqlite":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("sqlite")
        return {"database_url": f"sqlite:///{folder}/idp.db"}
    postgresql = request.getfixturevalue("postgresql")
    redis_server = request.getfixturevalue("redis_server")
    return {
        "database_url": postgresql.create_database(f"t{uuid4().hex}"),
        "redis_url": redis_server.url,
    }


@pytest.fixture(params=STORES)
def live_server(
    request: pytest.FixtureRequest, _live_servers: Callable[[str], LiveServer]
) -> LiveServer:
    """A running server, once on each store; shared, so that each test makes people of its own."""
    return _live_servers(request.param)


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    """The portal as a relying party, registered with a secret."""
    provider.organization()
    return RelyingParty(provider)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """An organization's own OpenID provider, running."""
    with Upstream().running() as running:
        yield running
