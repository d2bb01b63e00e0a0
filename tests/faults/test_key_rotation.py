"""Any number of nodes tick, rotate and revoke at once: at any moment one key signs, on all."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete

from idp.errors import NotFound
from idp.foundation import clock
from idp.foundation.ephemeral import Memory
from idp.signing.algorithms import SIGNING_ALGORITHMS
from idp.signing.models import SigningKey
from idp.signing.ring import PUBLISHED_AHEAD, SigningKeys
from tests.live import LiveServer
from tests.provider import OPERATOR, Provider

NODES = 6


@pytest.fixture
def nodes(provider: Provider) -> list[SigningKeys]:
    """Nodes that know nothing of each other but the store."""
    parts = provider.deployment.parts
    return [
        SigningKeys(parts.settings, parts.database, parts.keyring, Memory()) for _ in range(NODES)
    ]


def at_once(nodes: list[SigningKeys], deed: Callable[[SigningKeys], object]) -> None:
    """Let every node do it at the same moment."""
    gate = Barrier(len(nodes))

    def do(node: SigningKeys) -> None:
        gate.wait(30)
        deed(node)

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(do, nodes))


def assert_one_signs(nodes: list[SigningKeys], ahead: timedelta = timedelta(0)) -> None:
    """Whoever looks, now or then, finds the same one active key of each algorithm."""
    with clock.shifted(ahead):
        for alg in SIGNING_ALGORITHMS:
            rings = [node.ring() for node in nodes]
            now = clock.utcnow()
            active = {
                key.kid
                for ring in rings
                for key in ring.keys
                if key.alg == alg and ring.stage(key, now) == "active"
            }
            assert active == {ring.active(alg, now).kid for ring in rings}
            assert len(active) == 1, alg


def test_nodes_that_start_at_once_on_an_empty_store_make_one_key_of_each(
    provider: Provider, nodes: list[SigningKeys]
) -> None:
    with provider.database.transaction() as tx:
        tx.session.execute(delete(SigningKey))
    at_once(nodes, lambda node: node.tick(by=OPERATOR))
    assert_one_signs(nodes)
    assert sorted(key.alg for key in nodes[0].ring().keys) == sorted(SIGNING_ALGORITHMS)


def test_nodes_that_find_a_key_due_at_once_make_one_successor(
    provider: Provider, nodes: list[SigningKeys]
) -> None:
    due = provider.settings.lifetimes.signing_key - PUBLISHED_AHEAD + timedelta(minutes=1)
    with clock.shifted(due):
        at_once(nodes, lambda node: node.tick(by=OPERATOR))
    assert_one_signs(nodes, due)
    assert_one_signs(nodes, due + PUBLISHED_AHEAD + timedelta(minutes=1))
    assert len(nodes[0].ring().keys) == 2 * len(SIGNING_ALGORITHMS)


def test_operators_that_rotate_at_once_each_get_a_key_and_one_signs(
    nodes: list[SigningKeys],
) -> None:
    kids: list[str] = []
    at_once(nodes, lambda node: kids.append(node.rotate("ES256", by=OPERATOR)))
    assert len(set(kids)) == NODES
    assert_one_signs(nodes)
    assert_one_signs(nodes, PUBLISHED_AHEAD + timedelta(minutes=1))


def test_a_key_revoked_on_every_node_at_once_has_one_successor(nodes: list[SigningKeys]) -> None:
    """Among rotations and ticks too: never a moment without a key, never the revoked one."""
    kid = nodes[0].active("ES256").kid
    refused: list[Exception] = []

    def revoke(node: SigningKeys) -> None:
        node.tick(by=OPERATOR)
        try:
            node.revoke(kid, by=OPERATOR)
        except NotFound as error:
            refused.append(error)
        node.rotate("ES256", by=OPERATOR)

    at_once(nodes, revoke)
    assert len(refused) == NODES - 1
    assert_one_signs(nodes)
    assert all(node.active("ES256").kid != kid for node in nodes)
    assert_one_signs(nodes, PUBLISHED_AHEAD + timedelta(minutes=1))


def test_processes_that_rotate_at_once_leave_one_active_key(live_server: LiveServer) -> None:
    command = [*live_server._command, "keys", "rotate", "--alg", "EdDSA", "--json"]
    started = [
        subprocess.Popen(command, cwd=live_server.folder, stdout=subprocess.PIPE) for _ in range(3)
    ]
    for process in started:
        process.communicate(timeout=120)
    assert [process.returncode for process in started] == [0, 0, 0]
    states = [key["state"] for key in live_server.idp("keys", "list") if key["alg"] == "EdDSA"]
    assert states.count("active") == 1
    assert states.count("next") >= 3
