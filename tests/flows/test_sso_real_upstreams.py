"""Real OpenID providers upstream: a second instance of ourselves, and npm oidc-provider (D2)."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from idp.directory.models import Membership, Organization, Person
from tests.federated import is_at_portal
from tests.live import LiveServer
from tests.npm_provider import npm_provider
from tests.provider import ISSUER, OPERATOR, Provider
from tests.relying_parties.surfer import Surfer
from tests.relying_party import RelyingParty
from tests.servers.ports import free_port

CALLBACK = f"{ISSUER}/sso/kuusela/upstream/callback"


def connect(provider: Provider, **document: Any) -> Organization:
    """An organization with this connection, switched on."""
    kuusela = provider.organization()
    connections = provider.deployment.connections
    with provider.database.transaction() as tx:
        row = connections.create(
            tx, kuusela, {"kind": "oidc", "name": "upstream", **document}, by=OPERATOR
        )
        connections.enable(tx, row, by=OPERATOR)
    connections.changed()
    RelyingParty(provider)
    return kuusela


def who_arrived(provider: Provider, username: str) -> tuple[str, str | None]:
    with provider.database.reading() as tx:
        person = tx.session.query(Person).filter_by(username=username).one()
        there = tx.session.query(Membership).filter_by(person_id=person.id).one()
        return person.given_name, there.source


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_second_instance_of_ourselves_is_an_upstream(
    provider: Provider, live_server: LiveServer, method: str
) -> None:
    username = f"maija.{method}.{free_port()}@ylempi.example"
    person = live_server.person(username)
    client = live_server.register(
        {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": method}
    )
    connect(
        provider,
        issuer=live_server.issuer,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        token_endpoint_auth_method=method,
    )
    browser = provider.browser()
    departure = browser.open("/sso/kuusela").headers["Location"]
    with Surfer() as surfer:
        answer = surfer.sign_in(surfer.open(departure, ISSUER), person, ISSUER).url
    assert is_at_portal(browser.open(answer), "kuusela")
    assert who_arrived(provider, username) == ("Maija", "upstream")


def test_npm_oidc_provider_is_an_upstream_that_we_prove_ourselves_to_by_a_key(
    provider: Provider,
) -> None:
    """private_key_jwt (RFC 7523): our key is what the connection publishes at /jwks."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    connect(
        provider,
        issuer=issuer,
        client_id="laatuportti",
        token_endpoint_auth_method="private_key_jwt",
    )
    browser = provider.browser()
    client = {
        "client_id": "laatuportti",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": browser.get("/sso/kuusela/upstream/jwks").json(),
    }
    with npm_provider([client], port), httpx.Client() as their_browser:
        departure = browser.open("/sso/kuusela").headers["Location"]
        answer = departure
        while urlsplit(answer).netloc == urlsplit(issuer).netloc:
            step = their_browser.get(answer)
            answer = str(httpx.URL(answer).join(step.headers["Location"]))
        assert is_at_portal(browser.open(answer), "kuusela")
    assert who_arrived(provider, "maija@npm.example") == ("Maija", "upstream")
