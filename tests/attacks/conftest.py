"""A client that signs its requests."""

import pytest

from tests.provider import Provider
from tests.signing_party import SigningParty


@pytest.fixture
def signer(provider: Provider) -> SigningParty:
    """The portal, registered with a key of its own."""
    provider.organization()
    return SigningParty(provider)
