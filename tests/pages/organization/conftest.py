"""The fixture that every test of the console asks for."""

import pytest

from tests.pages.organization.desk import Desk
from tests.provider import Provider


@pytest.fixture
def desk(provider: Provider) -> Desk:
    """Kuusela with its main user at the console, once on each store."""
    return Desk(provider)
