"""npm openid-client, an implementation that knows nothing of ours, signs people in through us."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.live import LivePerson, LiveServer
from tests.relying_parties.made import Made
from tests.relying_parties.node_party import NodeParty, Refused
from tests.relying_parties.surfer import Surfer

# Nobody listens at either: the browser stops there and hands the address over.
REDIRECT_URI = "http://localhost:9/callback"
SIGNED_OUT = "http://localhost:9/signed-out"
SCOPE = "openid profile email offline_access"
METHODS = (
    *("client_secret_basic", "client_secret_post", "client_secret_jwt"),
    *("private_key_jwt", "none"),
)


def metadata(method: str) -> dict[str, Any]:
    """The registration of a client that authenticates by ``method``."""
    return {
        "client_name": f"openid-client, {method}",
        "redirect_uris": [REDIRECT_URI],
        "post_logout_redirect_uris": [SIGNED_OUT],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
        "scope": SCOPE,
    }


class SignIn:
    """One registered client of the provider, and one browser that signs in to it."""

    def __init__(self, server: LiveServer, made: Made, party: NodeParty, browser: Surfer) -> None:
        self.server = server
        self.made = made
        self.party = party
        self.browser = browser
        self.client: dict[str, Any] = {}

    def become(self, method: str = "client_secret_basic") -> None:
        """Become the client that authenticates by ``method``."""
        if method == "private_key_jwt":
            self.client = self.server.register(metadata(method) | self.party.ask("make_key"))
        else:
            if method not in self.made.clients:
                self.made.clients[method] = self.server.register(metadata(method))
            self.client = self.made.clients[method]
        self.party.ask("discover", issuer=self.server.issuer, client=self.client)

    def begin(self, **parameters: str) -> dict[str, Any]:
        """An authorization request; its address and its state."""
        return self.party.ask(
            "begin", redirect_uri=REDIRECT_URI, scope=SCOPE, parameters=parameters
        )

    def sign_in(self, person: LivePerson) -> tuple[str, str]:
        """The authorization response for a person who typed their password, and its state."""
        request = self.begin()
        page = self.browser.open(request["url"], until=REDIRECT_URI)
        page = self.browser.sign_in(page, person, until=REDIRECT_URI)
        assert page.url.startswith(REDIRECT_URI), page.text
        return page.url, request["state"]

    def tokens(self, person: LivePerson) -> dict[str, Any]:
        """The tokens of a person who signed in."""
        callback, state = self.sign_in(person)
        return self.party.ask("finish", callback=callback, state=state)


@pytest.fixture
def client(live_server: LiveServer, made: Made, node_party: NodeParty, surfer: Surfer) -> SignIn:
    """A client that authenticates with client_secret_basic."""
    sign_in = SignIn(live_server, made, node_party, surfer)
    sign_in.become()
    return sign_in


@pytest.mark.parametrize("method", METHODS)
def test_a_person_signs_in_to_a_client_of_each_authentication_method(
    live_server: LiveServer,
    made: Made,
    node_party: NodeParty,
    surfer: Surfer,
    person: LivePerson,
    method: str,
) -> None:
    client = SignIn(live_server, made, node_party, surfer)
    client.become(method)
    tokens = client.tokens(person)
    assert tokens["claims"]["iss"] == live_server.issuer
    assert tokens["claims"]["aud"] in (client.client["client_id"], [client.client["client_id"]])
    assert tokens["token_type"] == "bearer"
    userinfo = node_party.ask(
        "userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"]
    )
    assert userinfo["preferred_username"] == person.username
    refreshed = node_party.ask("refresh", refresh_token=tokens["refresh_token"])
    assert refreshed["access_token"] != tokens["access_token"]


def test_the_authorization_response_says_who_answers(
    client: SignIn, live_server: LiveServer, person: LivePerson
) -> None:
    callback, _ = client.sign_in(person)
    assert parse_qs(urlsplit(callback).query)["iss"] == [live_server.issuer]


def test_every_sign_in_carries_a_session_id_and_its_moment(
    client: SignIn, person: LivePerson
) -> None:
    claims = client.tokens(person)["claims"]
    assert claims["sid"]
    request = client.begin(max_age="3600")
    page = client.browser.open(request["url"], until=REDIRECT_URI)
    again = client.party.ask("finish", callback=page.url, state=request["state"], max_age=3600)
    assert again["claims"]["sid"] == claims["sid"]
    assert again["claims"]["auth_time"] <= again["claims"]["iat"]


def test_refreshing_rotates_the_refresh_token_and_keeps_the_person(
    client: SignIn, person: LivePerson
) -> None:
    first = client.tokens(person)
    second = client.party.ask("refresh", refresh_token=first["refresh_token"])
    third = client.party.ask("refresh", refresh_token=second["refresh_token"])
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    userinfo = client.party.ask(
        "userinfo", access_token=third["access_token"], sub=first["claims"]["sub"]
    )
    assert userinfo["preferred_username"] == person.username


def test_a_code_is_good_once(client: SignIn, person: LivePerson) -> None:
    callback, state = client.sign_in(person)
    tokens = client.party.ask("finish", callback=callback, state=state)
    with pytest.raises(Refused) as refused:
        client.party.ask("finish", callback=callback, state=state)
    assert refused.value.error == "invalid_grant"
    with pytest.raises(Refused):
        client.party.ask("refresh", refresh_token=tokens["refresh_token"])


def test_a_revoked_refresh_token_refreshes_no_more(client: SignIn, person: LivePerson) -> None:
    tokens = client.tokens(person)
    client.party.ask("revoke", token=tokens["refresh_token"])
    with pytest.raises(Refused) as refused:
        client.party.ask("refresh", refresh_token=tokens["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_introspection_tells_a_client_about_its_own_token(
    client: SignIn, person: LivePerson
) -> None:
    tokens = client.tokens(person)
    known = client.party.ask("introspect", token=tokens["access_token"])
    assert known["active"] is True
    assert known["client_id"] == client.client["client_id"]
    assert known["sub"] == tokens["claims"]["sub"]
    client.party.ask("revoke", token=tokens["access_token"])
    assert client.party.ask("introspect", token=tokens["access_token"]) == {"active": False}


def test_without_a_session_prompt_none_is_answered_with_login_required(client: SignIn) -> None:
    request = client.begin(prompt="none")
    page = client.browser.open(request["url"], until=REDIRECT_URI)
    with pytest.raises(Refused) as refused:
        client.party.ask("finish", callback=page.url, state=request["state"])
    assert refused.value.error == "login_required"


def test_signing_out_returns_to_the_client_and_ends_the_session(
    client: SignIn, person: LivePerson
) -> None:
    tokens = client.tokens(person)
    address = client.party.ask(
        "end_session",
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=SIGNED_OUT,
        state="mine",
    )
    page = client.browser.sign_out(address["url"], until=SIGNED_OUT)
    assert page.url == f"{SIGNED_OUT}?state=mine"
    request = client.begin(prompt="none")
    page = client.browser.open(request["url"], until=REDIRECT_URI)
    assert parse_qs(urlsplit(page.url).query)["error"] == ["login_required"]


def test_a_wrong_secret_is_refused(client: SignIn, person: LivePerson) -> None:
    callback, state = client.sign_in(person)
    forger = {**client.client, "client_secret": "not-the-secret"}
    client.party.ask("discover", issuer=client.server.issuer, client=forger)
    with pytest.raises(Refused) as refused:
        client.party.ask("finish", callback=callback, state=state)
    assert refused.value.status == 401
