"""Nothing lives after what gave it died, however many things happen at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.live import LiveServer
from tests.live_party import LiveParty
from tests.provider import forms

MANY = 50
Deed = Callable[[httpx.Client], httpx.Response]


def at_once(*deeds: Deed) -> list[httpx.Response]:
    """Do ``MANY`` deeds at the same moment, by turns of those given; the answers in order."""
    start = Barrier(MANY)

    def one(number: int) -> httpx.Response:
        with httpx.Client(timeout=60) as client:
            start.wait()
            return deeds[number % len(deeds)](client)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


@pytest.fixture
def party(live_server: LiveServer) -> LiveParty:
    return LiveParty(live_server)


def sign_in(party: LiveParty, browser: httpx.Client) -> dict[str, Any]:
    """The tokens of somebody new, whose session the browser keeps."""
    person = party.server.person(f"{uuid4().hex}@example.fi")
    tokens: dict[str, Any] = party.redeem(browser, party.code(browser, person)).json()
    return tokens


def assert_all_dead(party: LiveParty, given: list[dict[str, Any]]) -> None:
    """Of all token responses no token opens anything, and none is told to be active."""
    with httpx.Client(timeout=60) as client:
        for tokens in given:
            assert party.userinfo(client, tokens["access_token"]).status_code == 401
            for kind in ("access_token", "refresh_token"):
                told = party.post(client, "/introspect", token=tokens[kind]).json()
                assert told == {"active": False}
        for token in {tokens["refresh_token"] for tokens in given}:
            assert party.refresh(client, token).json()["error"] == "invalid_grant"


def successes(answers: list[httpx.Response]) -> list[dict[str, Any]]:
    """The token responses among the answers, none of which is our fault."""
    assert {answer.status_code for answer in answers} <= {200, 303, 400}
    return [a.json() for a in answers if a.status_code == 200 and "access_token" in a.text]


def test_revoking_fifty_times_at_once_revokes(party: LiveParty) -> None:
    """RFC 7009 section 2.2: each is answered 200."""
    with httpx.Client(timeout=60) as browser:
        tokens = sign_in(party, browser)
    for kind in ("access_token", "refresh_token"):

        def revoke(client: httpx.Client, token: str = tokens[kind]) -> httpx.Response:
            return party.post(client, "/revoke", token=token)

        assert {answer.status_code for answer in at_once(revoke)} == {200}
    assert_all_dead(party, [tokens])


def test_refreshing_and_revoking_at_once_leave_nothing_alive(party: LiveParty) -> None:
    """RFC 7009 section 2.1: the family ends, whatever its refreshes brought at that moment."""
    with httpx.Client(timeout=60) as browser:
        tokens = sign_in(party, browser)
    answers = at_once(
        lambda client: party.refresh(client, tokens["refresh_token"]),
        lambda client: party.post(client, "/revoke", token=tokens["refresh_token"]),
    )
    assert_all_dead(party, [tokens, *successes(answers)])


def test_redeeming_and_revoking_at_once_leave_nothing_alive(party: LiveParty) -> None:
    """A code used twice revokes what the first use gave (RFC 6749 section 4.1.2)."""
    with httpx.Client(timeout=60) as browser:
        person = party.server.person(f"{uuid4().hex}@example.fi")
        code = party.code(browser, person)
    given = successes(at_once(lambda client: party.redeem(client, code)))
    assert len(given) == 1
    assert_all_dead(party, given)


def test_refreshing_and_signing_out_at_once_leave_nothing_alive(party: LiveParty) -> None:
    """The session gave the tokens; with it they end (M15)."""
    with httpx.Client(timeout=60) as browser:
        tokens = sign_in(party, browser)
        page = browser.get(f"{party.server.issuer}/logout")
        (form,) = forms(page)
        cookies = dict(browser.cookies)

    def sign_out(client: httpx.Client) -> httpx.Response:
        client.cookies.update(cookies)
        return client.post(f"{party.server.issuer}/logout", data=form.fields)

    answers = at_once(lambda client: party.refresh(client, tokens["refresh_token"]), sign_out)
    assert_all_dead(party, [tokens, *successes(answers)])
