"""A right of a client itself never ends up in a person's token (security.md, Organizations)."""

import pytest

from tests.device import Device
from tests.provider import Provider
from tests.relying_party import RelyingParty

OWN = ("admin.read", "admin.write", "admin.anything", "scim", "ssf.manage")
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]


def both(provider: Provider) -> RelyingParty:
    """A client registered for people and for itself, and for every right of its own."""
    return RelyingParty(
        provider, grant_types=GRANTS, scope=f"openid profile invoices.read {' '.join(OWN)}"
    )


@pytest.mark.parametrize("scope", OWN)
def test_a_right_of_the_client_itself_is_no_persons_to_give(provider: Provider, scope: str) -> None:
    party = both(provider)
    answer = party.answer(party.authorize(provider.browser(), scope=f"openid {scope}"))
    assert (answer["error"], answer["state"]) == ("invalid_scope", party.state)
    assert "client_credentials" in answer["error_description"]
    itself = party.post("/token", grant_type="client_credentials", scope=scope)
    assert itself.json()["scope"] == scope


@pytest.mark.parametrize("scope", OWN)
def test_a_request_for_such_a_right_cannot_be_pushed(provider: Provider, scope: str) -> None:
    party = both(provider)
    refused = party.post("/par", **party.parameters(scope=f"openid {scope}"))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("scope", OWN)
def test_a_device_gets_no_such_right_from_who_approves_it(provider: Provider, scope: str) -> None:
    device = Device(provider)
    refused = device.post("/device_authorization", scope=f"openid {scope}")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_refreshing_brings_no_such_right(party: RelyingParty) -> None:
    provider = party.provider
    party = both(provider)
    tokens = party.tokens(provider.browser(), provider.person(), scope="openid invoices.read")
    assert tokens["scope"] == "openid invoices.read"
    refused = party.refresh(tokens["refresh_token"], scope="openid admin.read")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_what_a_registration_says_does_not_make_it_a_persons(provider: Provider) -> None:
    """Whatever way a scope comes by, the client's registration gives it for people never."""
    client = provider.deployment.clients.find(both(provider).client_id)
    assert client is not None
    assert client.allowed_scope(f"openid {' '.join(OWN)}") == "openid"
