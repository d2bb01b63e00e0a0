"""A store put back to an earlier moment: what was given before lives no more (contract.md)."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import STORES, stores
from tests.live import LiveServer
from tests.live_party import LiveParty


@pytest.fixture(params=STORES)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """A server of this test's own, to be put back."""
    server = LiveServer(tmp_path, **stores(request.param, request))
    server.start()
    yield server
    server.stop()


def test_codes_sessions_and_refresh_tokens_die_with_a_restore(server: LiveServer) -> None:
    party, person = LiveParty(server), server.person("maija@example.fi")
    with httpx.Client() as browser:
        old = party.redeem(browser, party.code(browser, person)).json()["refresh_token"]
        unspent = party.code(browser, person)
        server.idp("backup", "before.backup")
        spent_since = party.redeem(browser, unspent).json()["refresh_token"]
        server.stop()
        server.idp("restore", "before.backup")
        server.start()
        assert party.redeem(browser, unspent).json()["error"] == "invalid_grant"
        for token in (old, spent_since):
            assert party.refresh(browser, token).json()["error"] == "invalid_grant"
        page = browser.get(party.authorization_request(), follow_redirects=True)
        assert page.url.path == "/login"
    with httpx.Client() as browser:
        assert party.redeem(browser, party.code(browser, person)).status_code == 200
