"""Two nodes behind one front: what one of them did, the other knows (issue 3, security.md)."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import uuid4

import httpx
import pytest

from tests.live import LivePerson, LiveServer
from tests.live_party import LiveParty
from tests.pair import Pair

AT_ONCE = 10


@pytest.fixture
def person(pair: Pair) -> LivePerson:
    """Somebody of this test's own."""
    return pair.first.person(f"{uuid4().hex}@example.fi")


def redeem_at(pair: Pair, node: LiveServer, party: LiveParty, code: str) -> httpx.Response:
    """Redeem a code at one of the nodes."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": party.redirect_uri,
        "code_verifier": party.verifier,
    }
    with pair.at(node) as client:
        return client.post("/token", data=form, auth=party.credentials)


def userinfo_at(pair: Pair, node: LiveServer, access_token: str) -> int:
    """Whether a node takes the token."""
    with pair.at(node) as client:
        headers = {"Authorization": f"Bearer {access_token}"}
        return client.get("/userinfo", headers=headers).status_code


def is_refused(pair: Pair, node: LiveServer, access_token: str) -> bool:
    """Whether a node refuses the token."""
    return userinfo_at(pair, node, access_token) == 401


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once it is so."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline


def test_one_code_at_both_nodes_at_once_gives_one_success(pair: Pair, person: LivePerson) -> None:
    """RFC 6749 section 4.1.2."""
    party = LiveParty(pair.first)
    with httpx.Client() as browser:
        code = party.code(browser, person)
    gate = Barrier(AT_ONCE)

    def redeem(number: int) -> int:
        gate.wait(30)
        return redeem_at(pair, pair.nodes[number % 2], party, code).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert Counter(pool.map(redeem, range(AT_ONCE))) == {200: 1, 400: AT_ONCE - 1}


def test_both_nodes_publish_a_rotated_key_and_take_what_it_signed(
    pair: Pair, person: LivePerson
) -> None:
    party = LiveParty(pair.first)
    before = {node.port: _key_ids(pair, node) for node in pair.nodes}
    pair.first.idp("keys", "rotate", "--alg", "ES256")
    wait_until(lambda: all(_key_ids(pair, node) != before[node.port] for node in pair.nodes))
    assert _key_ids(pair, pair.nodes[0]) == _key_ids(pair, pair.nodes[1])
    with httpx.Client() as browser:
        assert party.redeem(browser, party.code(browser, person)).status_code == 200


def test_a_locked_person_is_refused_on_every_node_at_once(pair: Pair, person: LivePerson) -> None:
    party = LiveParty(pair.first)
    with httpx.Client() as browser:
        tokens = party.redeem(browser, party.code(browser, person)).json()
    for node in pair.nodes:
        assert userinfo_at(pair, node, tokens["access_token"]) == 200
    pair.first.idp("person", "lock", person.username)
    for node in pair.nodes:
        assert userinfo_at(pair, node, tokens["access_token"]) == 401


def test_a_disabled_client_is_soon_refused_on_every_node(pair: Pair, person: LivePerson) -> None:
    party = LiveParty(pair.first)
    with httpx.Client() as browser:
        token = party.redeem(browser, party.code(browser, person)).json()["access_token"]
    for node in pair.nodes:
        assert userinfo_at(pair, node, token) == 200
    pair.first.idp("client", "disable", party.credentials[0])
    for node in pair.nodes:
        wait_until(partial(is_refused, pair, node, token))
        assert redeem_at(pair, node, party, "x").status_code == 401


def test_when_a_node_is_killed_in_the_middle_the_other_one_finishes(
    pair: Pair, person: LivePerson
) -> None:
    party, doomed = LiveParty(pair.first), pair.nodes[1]
    with httpx.Client(timeout=30) as browser:
        page = browser.get(party.authorization_request(), follow_redirects=True)
        doomed.kill()
        try:
            assert page.status_code == 200
            tokens = party.redeem(browser, party.code(browser, person)).json()
            assert party.refresh(browser, tokens["refresh_token"]).status_code == 200
            assert party.userinfo(browser, tokens["access_token"]).status_code == 200
        finally:
            doomed.start()


def _key_ids(pair: Pair, node: LiveServer) -> set[str]:
    with pair.at(node) as client:
        return {key["kid"] for key in client.get("/jwks").json()["keys"]}
