"""The relying parties as fixtures. What takes commands to make is made once for each server."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from tests.live import LivePerson, LiveServer
from tests.relying_parties.made import Made
from tests.relying_parties.node_party import NodeParty
from tests.relying_parties.portal_server import PortalServer
from tests.relying_parties.surfer import Surfer


@pytest.fixture(scope="session")
def _made() -> Iterator[tuple[dict[str, Made], ExitStack]]:
    """What was made, by issuer; the stack ends what runs."""
    with ExitStack() as stack:
        yield {}, stack


@pytest.fixture
def made(live_server: LiveServer, _made: tuple[dict[str, Made], ExitStack]) -> Made:
    """What this server has."""
    return _made[0].setdefault(live_server.issuer, Made())


@pytest.fixture
def person(live_server: LiveServer, made: Made) -> LivePerson:
    """Somebody who can sign in with a password; tests leave them as they were."""
    made.person = made.person or newcomer_of(live_server)
    return made.person


@pytest.fixture
def newcomer(live_server: LiveServer) -> LivePerson:
    """Somebody whom only this test knows."""
    return newcomer_of(live_server)


def newcomer_of(server: LiveServer) -> LivePerson:
    """A new person with a password."""
    return server.person(f"maija.{uuid4().hex[:8]}@example.fi")


@pytest.fixture
def node_party() -> Iterator[NodeParty]:
    """A relying party on openid-client."""
    with NodeParty() as party:
        yield party


@pytest.fixture
def portal(
    live_server: LiveServer, made: Made, _made: tuple[dict[str, Made], ExitStack]
) -> PortalServer:
    """The example portal, with no sessions and no records."""
    if made.portal is None:
        made.portal = _made[1].enter_context(PortalServer(live_server))
    made.portal.forget()
    return made.portal


@pytest.fixture
def surfer() -> Iterator[Surfer]:
    """A browser without cookies."""
    with Surfer() as browser:
        yield browser
