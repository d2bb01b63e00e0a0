"""What a stranger may try at client registration (RFC 7591 section 5): nothing odd gets in."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from idp.clients.models import ClientRecord
from tests.provider import Provider

GOOD = {"redirect_uris": ["https://rp.example.fi/cb"]}


@pytest.fixture
def house(provider: Provider) -> Iterator[Provider]:
    """A provider where anybody may register, and that reaches no private address."""
    with provider.node(
        registration={"mode": "open"}, outbound={"allow_private_addresses": []}
    ) as node:
        yield node


def post(house: Provider, body: bytes | str) -> httpx.Response:
    """Send a body as it is."""
    headers = {"Content-Type": "application/json"}
    return house.browser().post("/register", content=body, headers=headers)


def registered(house: Provider) -> int:
    """How many clients there are."""
    with house.database.reading() as tx:
        return tx.session.query(ClientRecord).count()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'[{"redirect_uris":["https://rp.example.fi/cb"]}]',
        b'"x"',
        b"5",
        b"{",
        b"\xff\xfe{}",
        b"{}" + b" " * 10 + b"x",
        b"[" * 60000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"redirect_uris":["https://rp.example.fi/cb"],"jwks":' + b"[" * 20 + b"]" * 20 + b"}",
        b'{"redirect_uris":["https://a.example/"],"redirect_uris":["https://b.example/"]}',
        b'{"redirect_uris":["https://rp.example.fi/cb"],"default_max_age":NaN}',
        b'{"redirect_uris":["https://rp.example.fi/cb"],"default_max_age":1e999}',
        b'{"redirect_uris":["https://rp.example.fi/cb"],"default_max_age":' + b"9" * 5000 + b"}",
        b'{"redirect_uris":["https://rp.example.fi/cb"],"client_name":"\\ud800"}',
        b'{"redirect_uris":["https://rp.example.fi/cb"],"client_name":"\\u0000"}',
        b'{"redirect_uris":["https://rp.example.fi/cb"],"client_name":"a\\nb"}',
        b'{"redirect_uris":["https://rp.example.fi/cb"],"jwks":{"keys":[{"kty":"RSA","n":1e400}]}}',
    ],
)
def test_odd_json_is_400_in_the_standards_words(house: Provider, body: bytes) -> None:
    answer = post(house, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert registered(house) == 0


def test_a_huge_document_is_not_read(house: Provider) -> None:
    answer = post(house, json.dumps(GOOD | {"client_name": "x" * 70000}))
    assert answer.status_code == 400
    crowd = {"redirect_uris": [f"https://rp.example.fi/{number}" for number in range(51)]}
    assert post(house, json.dumps(crowd)).status_code == 400
    assert post(house, json.dumps(GOOD | {f"x{n}": n for n in range(300)})).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://rp.example.fi",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "about:blank",
        "https://rp.example.fi/cb#fragment",
        "https://rp.example.fi/cb#",
        "https://rp.example.fi@evil.example/",
        "https://user:secret@rp.example.fi/",
        "https://rp.example.fi\\@evil.example/",
        "https:rp.example.fi/cb",
        "https:///cb",
        "https://",
        "//rp.example.fi/cb",
        "/cb",
        "",
        "https://rp.example.fi/ cb",
        "https://rp.example.fi/\tcb",
        "https://rp.example.fi/\r\nSet-Cookie: x",
        "https://rp.example.fi:99999/",
        "https://rp.example.fi:x/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://рп.example.fi/cb",
        "https://rp。example.fi/cb",
        "https://exаmple.fi/cb",
        "https://%65xample.fi/cb",
        "https://rp..example.fi/",
        "https://-rp.example.fi/",
        "https://rp.example.fi/" + "x" * 2000,
    ],
)
def test_a_redirect_uri_that_is_not_what_it_seems_is_refused(house: Provider, address: str) -> None:
    """RFC 9700 section 4.1, RFC 7591 section 3.2.2: ``invalid_redirect_uri``."""
    answer = house.browser().post("/register", json={"redirect_uris": [address]})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")
    assert registered(house) == 0


@pytest.mark.parametrize("field", ["logo_uri", "client_uri", "policy_uri#fi", "tos_uri#sv"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_an_address_shown_to_people_is_a_web_address(
    house: Provider, field: str, address: str
) -> None:
    answer = house.browser().post("/register", json=GOOD | {field: address})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/s",
        "https://localhost/s",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/s",
        "https://192.168.1.1/s",
        "https://nowhere.invalid/s",
    ],
)
def test_a_sector_is_not_fetched_from_our_own_network(house: Provider, address: str) -> None:
    """Server-side request forgery (RFC 9101 section 10.4 warns of the same)."""
    document = GOOD | {"sector_identifier_uri": address, "subject_type": "pairwise"}
    answer = house.browser().post("/register", json=document)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert "sector_identifier_uri" in answer.json()["error_description"]
    assert registered(house) == 0


@pytest.mark.parametrize("changes", [{"jwks_uri": "https://10.0.0.1/jwks"}])
def test_keys_are_not_fetched_from_our_own_network(
    house: Provider, changes: dict[str, Any]
) -> None:
    document = GOOD | {"token_endpoint_auth_method": "private_key_jwt"} | changes
    said = house.browser().post("/register", json=document).json()
    client = house.deployment.clients.find(said["client_id"])
    assert client is not None
    with pytest.raises(Exception, match="forbidden_address"):
        house.deployment.client_keys.of(client)


def test_a_software_statement_is_not_taken_on_trust(house: Provider) -> None:
    """RFC 7591 section 3.2.2."""
    statement = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0."
    answer = house.browser().post("/register", json=GOOD | {"software_statement": statement})
    assert answer.status_code == 400
    assert answer.json()["error"] == "unapproved_software_statement"


@pytest.mark.parametrize("path", ["/register/", "/register/%00", "/register/a%2Fb", "/register/ä"])
def test_an_odd_address_of_a_client_is_nobodys(house: Provider, path: str) -> None:
    answer = house.browser().get(path, headers={"Authorization": "Bearer x"})
    assert answer.status_code in (401, 404)
