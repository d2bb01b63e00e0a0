"""Which client is the portal: kept in the process, and never longer than the registry stays."""

from datetime import timedelta

from idp.clients.client import Client
from idp.foundation.clock import shifted
from tests.provider import PORTAL, Provider


def test_the_portal_is_the_first_that_a_sign_in_can_be_started_at_and_changes_are_seen(
    provider: Provider,
) -> None:
    clients = provider.deployment.clients
    assert clients.portal() is None
    provider.register(initiate_login_uri=None)
    first, second = provider.register(), provider.register()
    assert _id(clients.portal()) == _id(clients.portal()) == first.record.client_id
    provider.disable(first.record.client_id)
    assert _id(clients.portal()) == second.record.client_id


def test_another_nodes_portal_is_seen_within_a_second(provider: Provider) -> None:
    with provider.node() as other:
        assert other.deployment.clients.portal() is None
        provider.register()
        with shifted(timedelta(seconds=1.1)):
            portal = other.deployment.clients.portal()
    assert portal is not None
    assert portal.metadata["initiate_login_uri"] == f"{PORTAL}/login"


def _id(portal: Client | None) -> str | None:
    return portal.client_id if portal else None
