"""Clients register themselves and keep their registration (RFC 7591, RFC 7592)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from idp.clients import invitations
from idp.clients.models import ClientRecord
from idp.foundation.clock import shifted
from tests.provider import ISSUER, OPERATOR, Provider

DOCUMENT = {"redirect_uris": ["https://rp.example.fi/callback"], "client_name": "Esimerkki"}


@pytest.fixture
def open_house(provider: Provider) -> Iterator[Provider]:
    """A provider where anybody may register."""
    with provider.node(registration={"mode": "open"}) as node:
        yield node


@pytest.fixture
def invited_only(provider: Provider) -> Iterator[Provider]:
    """A provider where an initial access token is asked for."""
    with provider.node(registration={"mode": "token"}) as node:
        yield node


def invite(provider: Provider, uses: int = 1) -> str:
    """An initial access token that counts for a day."""
    with provider.database.transaction() as tx:
        made = invitations.invite(
            tx, uses=uses, lifetime=timedelta(days=1), note="a test", by=OPERATOR
        )
    return made.token


def bearer(token: str) -> dict[str, str]:
    """A token in its header."""
    return {"Authorization": f"Bearer {token}"}


def register(provider: Provider, token: str | None = None, **metadata: Any) -> httpx.Response:
    """Ask for a registration."""
    headers = bearer(token) if token else {}
    return provider.browser().post("/register", json=DOCUMENT | metadata, headers=headers)


class Registered:
    """A client that registered itself, and its registration access token."""

    def __init__(self, provider: Provider, **metadata: Any) -> None:
        self.http = provider.browser()
        self.said = register(provider, **metadata).json()
        self.path = self.said["registration_client_uri"].removeprefix(ISSUER)
        self.token = self.said["registration_access_token"]

    def ask(self, method: str, token: str | None = None, **more: Any) -> httpx.Response:
        """Ask the client's own address."""
        return self.http.request(method, self.path, headers=bearer(token or self.token), **more)


def test_registration_is_off_unless_switched_on(provider: Provider) -> None:
    assert register(provider).status_code == 404
    metadata = provider.browser().get("/.well-known/openid-configuration").json()
    assert "registration_endpoint" not in metadata


def test_it_is_advertised_where_it_is_on(invited_only: Provider) -> None:
    metadata = invited_only.browser().get("/.well-known/openid-configuration").json()
    assert metadata["registration_endpoint"] == f"{ISSUER}/register"


def test_an_initial_access_token_registers_as_often_as_it_says(invited_only: Provider) -> None:
    """RFC 7591 section 3, RFC 6750 section 3.1."""
    token = invite(invited_only, uses=2)
    assert [register(invited_only, token).status_code for _ in range(3)] == [201, 201, 401]
    for refused in (register(invited_only), register(invited_only, "idp_iat_wrong")):
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_refused_document_spends_nothing(invited_only: Provider) -> None:
    token = invite(invited_only)
    assert register(invited_only, token, redirect_uris=["http://rp.example.fi/"]).status_code == 400
    assert register(invited_only, token).status_code == 201


def test_an_initial_access_token_ends_and_can_be_revoked(invited_only: Provider) -> None:
    token = invite(invited_only)
    with invited_only.database.transaction() as tx:
        (row,) = invitations.standing(tx)
        invitations.revoke(tx, row.id, by=OPERATOR)
    assert register(invited_only, token).status_code == 401
    token = invite(invited_only)
    with shifted(timedelta(days=1, seconds=1)):
        assert register(invited_only, token).status_code == 401


def test_the_answer_holds_all_that_was_registered(open_house: Provider) -> None:
    """RFC 7591 section 3.2.1, OIDC Registration section 3.2."""
    answer = register(open_house)
    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert said["client_secret_expires_at"] == 0
    assert said["redirect_uris"] == DOCUMENT["redirect_uris"]
    assert said["registration_client_uri"] == f"{ISSUER}/register/{said['client_id']}"
    assert {"client_id_issued_at", "client_secret", "registration_access_token"} <= said.keys()
    # The defaults of OIDC Registration section 2 and RFC 7591 section 2.
    assert said["token_endpoint_auth_method"] == "client_secret_basic"
    assert (said["grant_types"], said["response_types"]) == (["authorization_code"], ["code"])
    assert said["id_token_signed_response_alg"] == "RS256"
    assert "openid" in said["scope"].split()
    assert "profile:write" not in said["scope"].split()


def test_only_digests_of_its_secrets_are_kept(open_house: Provider) -> None:
    client = Registered(open_house)
    with open_house.database.reading() as tx:
        row = tx.session.get_one(ClientRecord, client.said["client_id"])
        kept = repr({key: value for key, value in vars(row).items() if key[0] != "_"})
    for name in ("client_secret", "registration_access_token"):
        assert client.said[name] not in kept
    assert not row.is_first_party


def test_a_public_client_gets_no_secret(open_house: Provider) -> None:
    said = register(open_house, token_endpoint_auth_method="none").json()
    assert not {"client_secret", "client_secret_expires_at"} & said.keys()


def test_a_name_that_no_standard_knows_is_ignored(open_house: Provider) -> None:
    """RFC 7591 section 2: the server must ignore metadata it does not understand."""
    answer = register(open_house, favourite_colour="blue")
    assert answer.status_code == 201
    assert "favourite_colour" not in answer.json()


def test_scopes_beyond_its_own_are_left_out(open_house: Provider) -> None:
    said = register(open_house, scope="openid phone admin.write profile:write email").json()
    assert said["scope"] == "openid email"


def test_a_client_reads_changes_and_deletes_its_registration(open_house: Provider) -> None:
    """RFC 7592 section 2."""
    client = Registered(open_house)
    read = client.ask("GET")
    assert read.status_code == 200
    assert read.json()["registration_access_token"] == client.token
    assert "client_secret" not in read.json()

    changed = client.ask("PUT", json=identified(client, client_name="Toinen", client_uri=None))
    assert changed.status_code == 200, changed.text
    assert changed.json()["client_name"] == "Toinen"
    assert client.ask("GET").status_code == 401  # The token was rotated (section 3).
    client.token = changed.json()["registration_access_token"]
    assert client.ask("GET").json()["client_name"] == "Toinen"

    assert client.ask("DELETE").status_code == 204
    assert [client.ask(way).status_code for way in ("GET", "DELETE")] == [401, 401]


def identified(client: Registered, **metadata: Any) -> dict[str, Any]:
    """A client's document for an update: section 2.2 asks for its client_id."""
    return {**DOCUMENT, "client_id": client.said["client_id"], **metadata}


def test_what_an_update_leaves_out_takes_its_default(open_house: Provider) -> None:
    """RFC 7592 section 2.2: what is left out or null is taken as deleted."""
    client = Registered(open_house, contacts=["a@example.fi"], tos_uri="https://rp.example.fi/tos")
    changed = client.ask("PUT", json=identified(client, tos_uri=None)).json()
    assert changed["contacts"] == []
    assert "tos_uri" not in changed


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"client_id": None},
        {"client_secret": "chosen"},
        {"client_secret": 5},
        {"registration_access_token": "x"},
        {"registration_client_uri": "https://rp.example.fi/"},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 0},
    ],
)
def test_an_update_cannot_choose_what_we_say(open_house: Provider, changes: dict[str, Any]) -> None:
    client = Registered(open_house)
    refused = client.ask("PUT", json=identified(client, **changes))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
    assert client.ask("GET").status_code == 200


def test_an_update_may_show_the_secret_and_keeps_it(open_house: Provider) -> None:
    client = Registered(open_house)
    secret = client.said["client_secret"]
    changed = client.ask("PUT", json=identified(client, client_secret=secret))
    assert "client_secret" not in changed.json()
    pair = (client.said["client_id"], secret)
    asked = client.http.post("/introspect", data={"token": "x"}, auth=pair)
    assert asked.json() == {"active": False}


def test_another_way_of_authentication_brings_another_secret(open_house: Provider) -> None:
    client = Registered(open_house)
    to_mac = identified(client, token_endpoint_auth_method="client_secret_jwt")
    changed = client.ask("PUT", json=to_mac).json()
    assert changed["client_secret"] != client.said["client_secret"]
    client.token = changed["registration_access_token"]
    to_none = identified(client, token_endpoint_auth_method="none")
    assert "client_secret" not in client.ask("PUT", json=to_none).json()


def test_what_an_operator_set_stays_whatever_the_client_puts(open_house: Provider) -> None:
    client = Registered(open_house)
    with open_house.database.transaction() as tx:
        row = open_house.deployment.clients.get(tx, client.said["client_id"])
        document = {**DOCUMENT, "access_token_lifetime": 120}
        updated = open_house.deployment.clients.update(tx, row, document, by=OPERATOR)
    open_house.deployment.clients.changed()
    assert updated.registration_access_token is None
    read = client.ask("GET").json()
    assert read["access_token_lifetime"] == 120
    ours = ("registration_access_token", "registration_client_uri", "client_id_issued_at")
    given_back = {name: value for name, value in read.items() if name not in ours}
    longer = client.ask("PUT", json={**given_back, "access_token_lifetime": 3600})
    assert longer.status_code == 400
    kept = client.ask("PUT", json=identified(client))
    assert kept.json()["access_token_lifetime"] == 120
    client.token = kept.json()["registration_access_token"]
    assert client.ask("PUT", json=given_back).status_code == 200


def test_nobody_opens_anothers_registration(open_house: Provider) -> None:
    one, other = Registered(open_house), Registered(open_house)
    assert one.ask("GET", token=other.token).status_code == 401
    assert one.http.get(one.path).status_code == 401
    assert one.http.get(one.path + "/x", headers=bearer(one.token)).status_code == 404
    unknown = one.http.get("/register/nobody", headers=bearer(one.token))
    assert unknown.status_code == 401


def test_a_registration_of_an_operators_cannot_be_opened(open_house: Provider) -> None:
    record = open_house.register().record
    answer = open_house.browser().get(f"/register/{record.client_id}", headers=bearer("x"))
    assert answer.status_code == 401


def test_a_deleted_client_is_refused_everywhere(open_house: Provider) -> None:
    client = Registered(open_house)
    pair = (client.said["client_id"], client.said["client_secret"])
    asked = {"token": "x"}
    assert client.http.post("/introspect", data=asked, auth=pair).status_code == 200
    client.ask("DELETE")
    assert client.http.post("/introspect", data=asked, auth=pair).status_code == 401


def test_a_network_that_asks_without_end_has_to_wait(open_house: Provider) -> None:
    answers = [open_house.browser().get("/register/x").status_code for _ in range(303)]
    assert answers[0] == 401
    assert answers[-1] == 429
