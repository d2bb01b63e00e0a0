"""``kill -9`` at any moment: nothing acknowledged is lost, nothing is redeemed twice."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import STORES, stores
from tests.live import LiveServer
from tests.live_party import LiveParty


@pytest.fixture(params=STORES)
def mortal_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """A server of this test's own, to be killed."""
    server = LiveServer(tmp_path, **stores(request.param, request))
    server.start()
    yield server
    server.stop()


def test_a_session_a_code_and_a_refresh_token_survive_a_kill(mortal_server: LiveServer) -> None:
    party = LiveParty(mortal_server)
    person = mortal_server.person("maija@example.fi")
    with httpx.Client() as browser:
        tokens = party.redeem(browser, party.code(browser, person)).json()
        code = party.code(browser, person)
        mortal_server.kill()
        mortal_server.start()
        assert party.redeem(browser, code).status_code == 200
        assert party.refresh(browser, tokens["refresh_token"]).status_code == 200
        assert party.code(browser, person)


def test_what_was_acknowledged_before_a_kill_under_load_stays_true(
    mortal_server: LiveServer,
) -> None:
    party = LiveParty(mortal_server)
    person = mortal_server.person("maija@example.fi")
    chance = random.Random(7)
    with httpx.Client(timeout=30) as browser:
        redeemed: list[str] = []
        latest = party.redeem(browser, party.code(browser, person)).json()["refresh_token"]
        for _ in range(3):
            killer = threading.Timer(chance.uniform(0.05, 0.4), mortal_server.kill)
            killer.start()
            latest = _work_until_it_dies(party, browser, redeemed, latest, person)
            killer.join()
            mortal_server.start()
            # The answer to the last refresh may be lost; asking again gives it, without a fork.
            answer = party.refresh(browser, latest)
            assert answer.status_code == 200, answer.text
            latest = answer.json()["refresh_token"]
        for code in redeemed:
            assert party.redeem(browser, code).json()["error"] == "invalid_grant"


def _work_until_it_dies(
    party: LiveParty, browser: httpx.Client, redeemed: list[str], latest: str, person: object
) -> str:
    """Refresh and redeem until the server is gone; the newest refresh token that was answered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            latest = party.refresh(browser, latest).json()["refresh_token"]
            code = party.code(browser, person)  # type: ignore[arg-type]
            if party.redeem(browser, code).status_code == 200:
                redeemed.append(code)
        except httpx.TransportError:
            return latest
    raise AssertionError("the server was not killed")
