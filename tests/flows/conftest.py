"""What several flows begin with."""

import pytest

from tests.federated import Federated
from tests.oidc_upstream import Upstream
from tests.provider import Provider


@pytest.fixture
def kuusela(provider: Provider, upstream: Upstream) -> Federated:
    """An organization whose people arrive through its own OpenID provider."""
    return Federated(provider, upstream)
