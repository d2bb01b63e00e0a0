"""A flood of sign-ins waits and is then told to come back; who needs no hash is answered."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest

from tests.conftest import stores
from tests.live import LiveServer
from tests.live_party import LiveParty

_SLOW = {"argon2_memory = 8": "argon2_memory = 131072", "argon2_time = 1": "argon2_time = 20"}
_FLOOD = 80
"""More than a worker has threads."""


@pytest.fixture(params=("sqlite", "postgresql"))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """A server of its own."""
    server = LiveServer(tmp_path, **stores(request.param, request))
    server.start()
    yield server
    server.kill()


def hash_slowly(server: LiveServer) -> None:
    """From now on a hash takes seconds."""
    text = server._config.read_text()
    for quick, slow in _SLOW.items():
        text = text.replace(quick, slow)
    server.stop()
    server._config.write_text(text)
    server.start()


def sign_in(server: LiveServer, number: int) -> httpx.Response:
    with httpx.Client(timeout=300) as browser:
        page = browser.get(f"{server.issuer}/login").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"csrf_token": token, "username": f"guess{number}", "password": "a guess of many"}
        return browser.post(f"{server.issuer}/login", data=form)


def test_keys_and_refreshes_are_answered_while_a_flood_of_sign_ins_waits(
    server: LiveServer,
) -> None:
    party, person = LiveParty(server), server.person("maija@example.fi")
    with httpx.Client(timeout=60) as client:
        tokens = party.redeem(client, party.code(client, person)).json()
        hash_slowly(server)
        with ThreadPoolExecutor(_FLOOD) as pool:
            flood: set[Future[httpx.Response]] = {
                pool.submit(sign_in, server, number) for number in range(_FLOOD)
            }
            first, waiting = wait(flood, return_when=FIRST_COMPLETED)
            keys = client.get(f"{server.issuer}/jwks")
            refreshed = party.refresh(client, tokens["refresh_token"])
            still_waiting = [each for each in waiting if not each.done()]
            server.kill()

    assert {each.result().status_code for each in first} == {503}
    assert all(each.result().headers["Retry-After"] for each in first)
    assert keys.status_code == 200
    assert refreshed.status_code == 200
    assert still_waiting
