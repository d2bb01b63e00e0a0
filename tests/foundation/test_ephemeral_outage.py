"""Redis silent, dead and back: limits stay limits, nothing grows stale, one wait is enough."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from idp.foundation.clock import shifted
from idp.foundation.ephemeral import Ephemeral, Pace, connect
from idp.foundation.ephemeral.circuit import Circuit
from tests.servers.redis import RedisServer

NOW = timedelta(0)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
THREE_THEN_AN_HOUR = Pace(delays=(NOW, NOW, HOUR), memory=2 * HOUR)


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
def memory(server: RedisServer) -> Ephemeral:
    connected = connect(server.url)
    connected.put("k", b"value", HOUR)
    assert not connected.is_degraded
    return connected


@contextmanager
def frozen(server: RedisServer) -> Iterator[None]:
    """Redis takes connections and questions, and answers nothing."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_a_dead_redis_is_as_if_everything_had_vanished(
    server: RedisServer, memory: Ephemeral
) -> None:
    server.kill()
    assert memory.get("k") is None
    memory.put("k", b"value", HOUR)
    memory.delete("k")
    memory.bump("k")
    assert memory.is_degraded


def test_limits_neither_open_nor_close_while_redis_is_dead(
    server: RedisServer, memory: Ephemeral
) -> None:
    server.kill()
    turns = [memory.take_turn({"k": THREE_THEN_AN_HOUR}) for _ in range(5)]
    assert [turn.wait == NOW for turn in turns] == [True, True, True, False, False]
    assert [memory.increment("k", HOUR) for _ in range(3)] == [1, 2, 3]


def test_versions_differ_every_second_while_redis_is_dead(
    server: RedisServer, memory: Ephemeral
) -> None:
    before = memory.version("clients")
    server.kill()
    seen = {before}
    for second in range(1, 4):
        with shifted(second * SECOND):
            seen.add(memory.version("clients"))
    assert len(seen) == 4


def test_all_is_well_a_second_after_redis_is_back(server: RedisServer, memory: Ephemeral) -> None:
    server.kill()
    memory.get("k")
    server.start()
    with shifted(2 * SECOND):
        memory.put("k", b"new", HOUR)
        assert memory.get("k") == b"new"
    assert not memory.is_degraded


def test_a_restart_between_two_calls_is_not_noticed(server: RedisServer, memory: Ephemeral) -> None:
    server.restart()
    memory.put("k", b"new", HOUR)
    assert memory.get("k") == b"new"
    assert not memory.is_degraded


def test_a_silent_redis_is_given_up_and_found_again(server: RedisServer, memory: Ephemeral) -> None:
    with frozen(server):
        assert memory.get("k") is None
        assert memory.is_degraded
    with shifted(2 * SECOND):
        assert memory.get("k") == b"value"


def test_the_log_tells_of_an_outage_once_and_names_no_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory = connect("redis://:hunter2@127.0.0.1:1/0")
    with caplog.at_level(logging.INFO):
        for seconds in range(0, 10, 2):
            with shifted(seconds * SECOND):
                memory.get("k")
    assert len(caplog.records) == 1
    assert "hunter2" not in caplog.text
    assert "hunter2" not in repr(memory)


def test_an_open_circuit_lets_one_caller_try_in_each_pause() -> None:
    circuit = Circuit(SECOND)
    assert circuit.failed()
    assert [circuit.admits() for _ in range(3)] == [False, False, False]
    with shifted(SECOND):
        assert [circuit.admits() for _ in range(3)] == [True, False, False]
        assert not circuit.failed()
    with shifted(2 * SECOND):
        assert circuit.admits()
        assert circuit.succeeded()
        assert [circuit.admits() for _ in range(3)] == [True, True, True]
        assert not circuit.succeeded()


def test_a_clock_set_back_does_not_hold_the_circuit_open() -> None:
    circuit = Circuit(SECOND)
    circuit.failed()
    with shifted(-HOUR):
        assert circuit.admits()
