"""npm openid-client as a second opinion on every kind of token, each checked by the library."""

from typing import Any

import httpx
import pytest

from idp.clients.metadata.algorithms import DEVICE_CODE
from tests.live import LivePerson, LiveServer
from tests.provider import forms
from tests.relying_parties.made import Made
from tests.relying_parties.node_party import NodeParty, Refused
from tests.relying_parties.surfer import Surfer
from tests.relying_parties.test_openid_client import SCOPE, SignIn, metadata

API = "https://api.example.fi"


@pytest.fixture
def client(live_server: LiveServer, made: Made, node_party: NodeParty, surfer: Surfer) -> SignIn:
    """A relying party that has yet to register."""
    return SignIn(live_server, made, node_party, surfer)


def become(client: SignIn, **changes: Any) -> None:
    """Register so, and become that client."""
    client.client = client.server.register(metadata("client_secret_basic") | changes)
    client.party.ask("discover", issuer=client.server.issuer, client=client.client)


def test_a_proving_client_signs_in_refreshes_and_asks(client: SignIn, person: LivePerson) -> None:
    """RFC 9449, the nonces too: the library comes again with each."""
    become(client, dpop_bound_access_tokens=True)
    callback, state = client.sign_in(person)
    with pytest.raises(Refused) as refused:
        client.party.ask("finish", callback=callback, state=state)
    assert refused.value.error == "invalid_dpop_proof"
    client.party.ask("prove")
    tokens = client.party.ask("finish", callback=callback, state=state)
    assert tokens["token_type"] == "dpop"
    tokens = client.party.ask("refresh", refresh_token=tokens["refresh_token"])
    told = client.party.ask(
        "userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"]
    )
    assert told["preferred_username"] == person.username
    known = client.party.ask("introspect", token=tokens["access_token"])
    assert known["token_type"] == "DPoP"
    assert known["cnf"]["jkt"]


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_userinfo_comes_signed(client: SignIn, person: LivePerson, alg: str) -> None:
    become(client, userinfo_signed_response_alg=alg, id_token_signed_response_alg=alg)
    tokens = client.tokens(person)
    told = client.party.ask(
        "userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"]
    )
    assert told["preferred_username"] == person.username
    assert (told["iss"], told["aud"]) == (client.server.issuer, client.client["client_id"])


@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256GCM"])
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"])
def test_id_tokens_and_userinfo_come_encrypted(
    client: SignIn, person: LivePerson, alg: str, enc: str
) -> None:
    encrypted = {
        f"{kind}_{what}": value
        for kind in ("id_token", "userinfo", "introspection")
        for what, value in (
            ("signed_response_alg", "ES256"),
            ("encrypted_response_alg", alg),
            ("encrypted_response_enc", enc),
        )
    }
    become(client, **encrypted, **client.party.ask("make_decryption_key", alg=alg))
    tokens = client.tokens(person)
    assert tokens["id_token"].count(".") == 4
    told = client.party.ask(
        "userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"]
    )
    assert told["preferred_username"] == person.username
    known = client.party.ask("introspect", token=tokens["access_token"])
    assert known["active"] is True


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_a_client_acts_for_itself(client: SignIn, form: str) -> None:
    become(
        client,
        grant_types=["client_credentials"],
        redirect_uris=[],
        post_logout_redirect_uris=[],
        response_types=[],
        scope="ssf.manage",
        access_token_format=form,
    )
    for proving in (False, True):
        if proving:
            client.party.ask("prove")
        tokens = client.party.ask("client_credentials", scope="ssf.manage", resource=API)
        assert tokens["token_type"] == ("dpop" if proving else "bearer")
        known = client.party.ask("introspect", token=tokens["access_token"])
        assert (known["sub"], known["aud"]) == (client.client["client_id"], [API])


def test_a_device_is_let_in_elsewhere(client: SignIn, person: LivePerson) -> None:
    """RFC 8628: the library keeps the interval."""
    grants = ["authorization_code", "refresh_token", DEVICE_CODE]
    become(client, grant_types=grants, client_name="Laatunäyttö")
    codes = client.party.ask("begin_device", scope=SCOPE)
    with httpx.Client(follow_redirects=True) as browser:
        page = _submit(browser, browser.get(codes["verification_uri_complete"]))
        page = _submit(browser, page, username=person.username, password=person.password)
        assert "Laatunäyttö" in page.text
        assert "approved" in str(_submit(browser, page, allow="1").url)
    tokens = client.party.ask("redeem_device")
    assert tokens["claims"]["aud"] in (client.client["client_id"], [client.client["client_id"]])
    refreshed = client.party.ask("refresh", refresh_token=tokens["refresh_token"])
    assert refreshed["claims"]["auth_time"] == tokens["claims"]["auth_time"]


def _submit(browser: httpx.Client, page: httpx.Response, **values: str) -> httpx.Response:
    form = forms(page)[0]
    address = page.url.join(form.action) if form.action else page.url
    return browser.post(address, data=form.fields | values)
