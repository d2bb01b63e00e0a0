"""npm openid-client registers itself with us and signs a person in (RFC 7591)."""

from typing import Any

import pytest

from tests.live import LivePerson, LiveServer
from tests.relying_parties.node_party import NodeParty, Refused
from tests.relying_parties.surfer import Surfer

REDIRECT_URI = "http://localhost:9/callback"
METADATA: dict[str, Any] = {
    "client_name": "openid-client, itse rekisteröitynyt",
    "application_type": "native",
    "redirect_uris": [REDIRECT_URI],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_post",
    "subject_type": "pairwise",
}


def invite(server: LiveServer) -> str:
    """An initial access token for one registration."""
    made: dict[str, Any] = server.idp("client", "initial-token", "create")
    return str(made["initial_access_token"])


def register(server: LiveServer, party: NodeParty, token: str) -> dict[str, Any]:
    """Become a new client; what was registered."""
    answer = party.ask(
        "register", issuer=server.issuer, metadata=METADATA, initial_access_token=token
    )
    client: dict[str, Any] = answer["client"]
    return client


def test_it_registers_itself_is_consented_to_and_signs_a_person_in(
    live_server: LiveServer, node_party: NodeParty, surfer: Surfer, person: LivePerson
) -> None:
    client = register(live_server, node_party, invite(live_server))
    assert client["client_secret_expires_at"] == 0
    asked = node_party.ask("begin", redirect_uri=REDIRECT_URI, scope="openid email", parameters={})
    page = surfer.sign_in(surfer.open(asked["url"]), person, until=REDIRECT_URI)
    assert METADATA["client_name"] in page.text
    consent = next(form for form in page.forms if "allow" in form.fields)
    page = surfer.submit(page, consent, until=REDIRECT_URI)
    tokens = node_party.ask("finish", callback=page.url, state=asked["state"])
    sub = tokens["claims"]["sub"]
    userinfo = node_party.ask("userinfo", access_token=tokens["access_token"], sub=sub)
    assert userinfo["sub"] == sub


def test_without_an_invitation_it_is_turned_away(
    live_server: LiveServer, node_party: NodeParty
) -> None:
    token = invite(live_server)
    register(live_server, node_party, token)
    with pytest.raises(Refused) as refused:
        register(live_server, node_party, token)
    assert refused.value.status == 401
