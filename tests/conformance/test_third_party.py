"""The modules of the suite's third-party-initiated login plan (OIDC Core section 4)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.provider import ISSUER, Provider, TestBrowser
from tests.relying_party import RelyingParty

DOCUMENT: dict[str, Any] = {"redirect_uris": ["https://rp.example.fi/cb"]}
START = "https://rp.example.fi/initiate"


@pytest.fixture
def http(provider: Provider) -> Iterator[TestBrowser]:
    """A client's way to a provider where anybody may register."""
    with provider.node(registration={"mode": "open"}) as node:
        yield node.browser()


def test_oidcc_3rd_party_init_login(http: TestBrowser) -> None:
    """The address is registered, said in the answer, and read again at the client's own address."""
    registered = http.post("/register", json=DOCUMENT | {"initiate_login_uri": START})
    assert (registered.status_code, registered.json()["initiate_login_uri"]) == (201, START)
    said = registered.json()
    head = {"Authorization": f"Bearer {said['registration_access_token']}"}
    again = http.get(said["registration_client_uri"].removeprefix(ISSUER), headers=head)
    assert (again.status_code, again.headers["Content-Type"].partition(";")[0]) == (
        200,
        "application/json",
    )
    assert again.json()["initiate_login_uri"] == START


def test_oidcc_3rd_party_init_login_nohttps(http: TestBrowser) -> None:
    refused = http.post(
        "/register", json=DOCUMENT | {"initiate_login_uri": START.replace("https", "http")}
    )
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_client_metadata"
    assert "initiate_login_uri" in refused.json()["error_description"]


def test_a_sign_in_that_began_here_goes_on_at_the_registered_address(
    provider: Provider,
) -> None:
    """Section 4: ``iss`` always, whatever query the address has."""
    provider.organization()
    party = RelyingParty(provider, initiate_login_uri="https://portal.example.fi/start?from=idp")
    answer = provider.browser().sign_in(provider.person())
    location = urlsplit(answer.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == (
        "https://portal.example.fi/start"
    )
    assert parse_qs(location.query) == {"from": ["idp"], "iss": [ISSUER]}
    assert party.client_id not in answer.headers["Location"]
