"""One world for a run of the fuzz."""

from collections.abc import Iterator

import pytest

from tests.fuzz.world import World
from tests.oidc_upstream import Upstream
from tests.provider import Provider


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A provider where clients may register, with people, clients and connections."""
    folder = tmp_path_factory.mktemp("fuzz")
    provider = Provider(folder, database_url=f"sqlite:///{folder}/idp.db")
    with provider.node(registration={"mode": "open"}) as node, Upstream().running() as upstream:
        yield World(node, folder, upstream)
    provider.database.close()
