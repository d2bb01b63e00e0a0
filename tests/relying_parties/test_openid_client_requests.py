"""npm openid-client pushes and signs its requests and checks signed answers (PAR, JAR, JARM)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live import LivePerson, LiveServer
from tests.relying_parties.node_party import NodeParty
from tests.relying_parties.surfer import Surfer
from tests.relying_parties.test_openid_client import REDIRECT_URI, SCOPE, metadata


def become(server: LiveServer, party: NodeParty, **more: Any) -> None:
    """Become a new client that signs with a key of its own."""
    document = metadata("private_key_jwt") | party.ask("make_key") | more
    party.ask("discover", issuer=server.issuer, client=server.register(document))


def sign_in(
    party: NodeParty, surfer: Surfer, person: LivePerson, way: str
) -> tuple[dict[str, str], dict[str, Any]]:
    """The parameters that the browser brought to us, and the tokens it all came to."""
    begun = party.ask("begin", redirect_uri=REDIRECT_URI, scope=SCOPE, parameters={}, way=way)
    page = surfer.open(begun["url"], until=REDIRECT_URI)
    page = surfer.sign_in(page, person, until=REDIRECT_URI)
    tokens = party.ask("finish", callback=page.url, state=begun["state"])
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun["url"]).query).items()}
    return asked, tokens | {"callback": page.url}


@pytest.mark.parametrize(
    ("way", "sent"),
    [
        ("pushed", {"client_id", "request_uri"}),
        ("signed", {"client_id", "request"}),
        ("signed and pushed", {"client_id", "request_uri"}),
    ],
)
def test_it_signs_people_in_by_pushed_and_signed_requests(
    live_server: LiveServer,
    node_party: NodeParty,
    surfer: Surfer,
    person: LivePerson,
    way: str,
    sent: set[str],
) -> None:
    become(live_server, node_party)
    asked, tokens = sign_in(node_party, surfer, person, way)
    assert asked.keys() == sent
    assert tokens["access_token"]


def test_it_reads_signed_answers(
    live_server: LiveServer, node_party: NodeParty, surfer: Surfer, person: LivePerson
) -> None:
    become(live_server, node_party, authorization_signed_response_alg="PS256")
    node_party.ask("expect_signed_answers")
    asked, tokens = sign_in(node_party, surfer, person, "")
    assert asked["response_mode"] == "jwt"
    assert parse_qs(urlsplit(tokens["callback"]).query).keys() == {"response"}
    assert tokens["access_token"]


def test_it_signs_people_in_as_a_fapi_client_whose_messages_are_signed(
    live_server: LiveServer, node_party: NodeParty, surfer: Surfer, person: LivePerson
) -> None:
    """FAPI 2.0 Security Profile and Message Signing: PAR, JAR, JARM, DPoP, private_key_jwt."""
    become(
        live_server,
        node_party,
        fapi_profile="fapi2_message_signing",
        authorization_signed_response_alg="PS256",
        application_type="native",  # Or an address on this very machine would not do.
    )
    node_party.ask("prove")
    node_party.ask("expect_signed_answers")
    asked, tokens = sign_in(node_party, surfer, person, "signed and pushed")
    assert asked.keys() == {"client_id", "request_uri"}
    assert tokens["token_type"] == "dpop"
