"""The fixture that every test of the console asks for."""

import pytest

from tests.pages.organization.desk import Desk
from tests.provider import Account, Provider


@pytest.fixture
def desk(provider: Provider) -> Desk:
    """Kuusela with its main user at the console, once on each store."""
    return Desk(provider)


@pytest.fixture
def aino(desk: Desk) -> Account:
    """Somebody of Kuusela alone."""
    return desk.person("aino@example.fi")
