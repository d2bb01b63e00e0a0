"""The organization that a dishonest upstream or somebody between attacks."""

import pytest

from tests.federated import Federated
from tests.oidc_upstream import Upstream
from tests.provider import Provider
from tests.relying_party import RelyingParty


@pytest.fixture
def kuusela(provider: Provider, upstream: Upstream) -> Federated:
    """An organization whose upstream does as it is told."""
    RelyingParty(provider)
    return Federated(provider, upstream)
