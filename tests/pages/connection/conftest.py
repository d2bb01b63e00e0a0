"""The fixture that every test of the IT person's pages asks for."""

import pytest

from tests.pages.connection.desk import ItDesk
from tests.provider import Provider


@pytest.fixture
def desk(provider: Provider) -> ItDesk:
    """Kuusela with its IT person at the pages, once on each store."""
    return ItDesk(provider)
