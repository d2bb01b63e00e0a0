"""A realm for the tests of this folder, which alone need the extra ``kerberos``."""

from collections.abc import Iterator

import pytest

from tests.kerberos.kdc import Kdc
from tests.kerberos.organization import Kerberized
from tests.provider import Provider


@pytest.fixture(scope="session")
def kdc() -> Iterator[Kdc]:
    """A Kerberos realm with the people and services of the tests."""
    with Kdc("KUUSELA.EXAMPLE") as server:
        yield server


@pytest.fixture
def kuusela(provider: Provider, kdc: Kdc) -> Kerberized:
    """An organization of that realm."""
    provider.register()
    return Kerberized(provider, kdc)
