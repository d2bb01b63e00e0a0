"""Guessing gets slower, never impossible; who guesses elsewhere does not slow a known device."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from idp.errors import Throttled
from idp.foundation.clock import shifted
from idp.foundation.ephemeral import Memory, Pace, Turn, connect
from idp.foundation.throttle import (
    ACCOUNT,
    KNOWN_DEVICE,
    LINK_ACCOUNT,
    LINK_NETWORK,
    NETWORK,
    PAIR,
    Throttle,
    delay,
)
from tests.servers.redis import RedisDatabase

NOW = timedelta(0)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOME, OFFICE = "192.0.2.7", "2001:db8:1:2::7"


@pytest.fixture
def throttle() -> Throttle:
    return Throttle(Memory())


def wait(
    throttle: Throttle, account: str, network: str, *, known_device: bool = False
) -> timedelta:
    """Try a wrong password; how long until it may be tried, zero if it was."""
    try:
        admission = throttle.admit(account, network, known_device=known_device)
    except Throttled as refusal:
        return refusal.retry_after
    throttle.failed(admission)
    return NOW


def guess(throttle: Throttle, account: str, network: str, *, known_device: bool = False) -> bool:
    """Whether a wrong password could be tried."""
    return not wait(throttle, account, network, known_device=known_device)


def other_network(number: int) -> str:
    return f"10.{number // 256}.{number % 256}.1"


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (16, 900), (10**9, 900)],
)
def test_the_delay_doubles_from_a_second_up_to_its_longest(tries: int, seconds: int) -> None:
    assert delay(tries, free=5, longest=timedelta(minutes=15)) == timedelta(seconds=seconds)


@given(tries=st.integers(1, 10**6), free=st.integers(1, 200))
def test_more_tries_never_wait_less(tries: int, free: int) -> None:
    assert delay(tries, free=free, longest=HOUR) <= delay(tries + 1, free=free, longest=HOUR)


@pytest.mark.parametrize(
    "limit", [ACCOUNT, KNOWN_DEVICE, LINK_ACCOUNT, LINK_NETWORK, NETWORK, PAIR]
)
def test_no_limit_forgets_its_count_while_somebody_waits(limit: Pace) -> None:
    assert max(limit.delays) < limit.memory


def test_five_wrong_passwords_from_one_network_are_free_then_it_waits(throttle: Throttle) -> None:
    assert [guess(throttle, "anna", HOME) for _ in range(6)] == [True] * 5 + [False]
    with shifted(SECOND):
        assert [guess(throttle, "anna", HOME) for _ in range(2)] == [True, False]
    with shifted(3 * SECOND):
        assert guess(throttle, "anna", HOME)


def test_the_refusal_says_how_long_to_wait(throttle: Throttle) -> None:
    for _ in range(5):
        guess(throttle, "anna", HOME)
    with pytest.raises(Throttled) as refusal:
        throttle.admit("anna", HOME, known_device=False)
    assert NOW < refusal.value.retry_after <= SECOND


def test_neighbours_in_one_network_count_together_for_an_account(throttle: Throttle) -> None:
    assert [guess(throttle, "anna", f"192.0.2.{n}") for n in range(6)] == [True] * 5 + [False]
    assert guess(throttle, "anna", OFFICE)
    assert guess(throttle, "bertta", HOME)


def test_an_account_guessed_from_everywhere_waits_everywhere(throttle: Throttle) -> None:
    tries = [guess(throttle, "anna", other_network(n)) for n in range(11)]
    assert tries == [True] * 10 + [False]


def test_a_known_device_is_spared_what_strangers_did(throttle: Throttle) -> None:
    for n in range(200):
        guess(throttle, "anna", HOME)
        guess(throttle, "anna", other_network(n))
    assert not guess(throttle, "anna", HOME)
    assert guess(throttle, "anna", HOME, known_device=True)


def test_a_known_device_does_not_guess_for_ever(throttle: Throttle) -> None:
    tries = [guess(throttle, "anna", HOME, known_device=True) for _ in range(11)]
    assert tries == [True] * 10 + [False]


def test_a_network_that_fails_at_many_accounts_waits_at_all(throttle: Throttle) -> None:
    tries = [guess(throttle, f"person {n}", HOME) for n in range(101)]
    assert tries == [True] * 100 + [False]
    assert guess(throttle, "person 7", OFFICE)


def test_right_passwords_never_slow_a_network(throttle: Throttle) -> None:
    for n in range(300):
        throttle.succeeded(throttle.admit(f"person {n}", HOME, known_device=False))
    assert guess(throttle, "anna", HOME)


def test_a_right_password_takes_back_what_was_tried_before(throttle: Throttle) -> None:
    for _ in range(4):
        guess(throttle, "anna", HOME)
    throttle.succeeded(throttle.admit("anna", HOME, known_device=False))
    assert [guess(throttle, "anna", HOME) for _ in range(5)] == [True] * 5


def test_signing_in_every_minute_is_never_slowed(throttle: Throttle) -> None:
    for minute in range(100):
        with shifted(minute * MINUTE):
            throttle.succeeded(throttle.admit("anna", HOME, known_device=False))


def test_most_sign_ins_ask_the_memory_once() -> None:
    class Counting(Memory):
        calls = 0

        def take_turn(self, paces: Mapping[str, Pace], watched: Collection[str] = ()) -> Turn:
            self.calls += 1
            return super().take_turn(paces, watched)

        def delete(self, *keys: str) -> None:
            self.calls += 1
            super().delete(*keys)

    memory = Counting()
    throttle = Throttle(memory)
    for n in range(100):
        throttle.succeeded(throttle.admit(f"person {n}", HOME, known_device=False))
    assert memory.calls == 100


def test_a_known_device_takes_back_nothing_of_what_strangers_tried(throttle: Throttle) -> None:
    for n in range(10):
        guess(throttle, "anna", other_network(n))
    for _ in range(4):
        throttle.succeeded(throttle.admit("anna", HOME, known_device=True))
    assert not guess(throttle, "anna", HOME)


def test_a_try_whose_end_nobody_told_counts_as_failed(throttle: Throttle) -> None:
    for _ in range(5):
        throttle.admit("anna", HOME, known_device=False)
    assert not guess(throttle, "anna", HOME)


def test_no_day_sees_a_hundred_wrong_passwords_for_one_account(throttle: Throttle) -> None:
    """The most patient guesser: a new network for each try, a stolen device beside it."""
    wrong: list[timedelta] = []
    moment = NOW
    while moment < 3 * DAY:
        with shifted(moment):
            waits = [
                wait(throttle, "anna", other_network(len(wrong))),
                wait(throttle, "anna", OFFICE, known_device=True),
            ]
        wrong += [moment] * waits.count(NOW)
        moment += min(waits)
    for first in wrong:
        assert sum(first <= moment < first + DAY for moment in wrong) <= 100
    gaps = [later - earlier for earlier, later in pairwise(wrong)]
    assert max(gaps) <= HOUR, "a delay, not a lock"


def test_after_a_quiet_day_all_is_forgotten(throttle: Throttle) -> None:
    for n in range(50):
        guess(throttle, "anna", other_network(n))
    with shifted(DAY + SECOND):
        assert [guess(throttle, "anna", HOME) for _ in range(5)] == [True] * 5


def test_links_for_one_account_come_ever_slower(throttle: Throttle) -> None:
    throttle.admit_order("anna", HOME)
    throttle.admit_order("anna", OFFICE)
    throttle.admit_order("anna", HOME)
    with pytest.raises(Throttled) as refusal:
        throttle.admit_order("anna", HOME)
    assert NOW < refusal.value.retry_after <= MINUTE
    throttle.admit_order("bertta", HOME)
    with shifted(MINUTE):
        throttle.admit_order("anna", HOME)


def test_one_network_cannot_order_links_for_everybody(throttle: Throttle) -> None:
    for n in range(50):
        throttle.admit_order(f"person {n}", HOME)
    with pytest.raises(Throttled):
        throttle.admit_order("somebody else", HOME)
    throttle.admit_order("somebody else", OFFICE)


def test_ordering_links_does_not_slow_signing_in(throttle: Throttle) -> None:
    for n in range(50):
        throttle.admit_order(f"person {n}", HOME)
    assert guess(throttle, "person 1", HOME)


def test_the_memory_holds_no_username_and_no_address(redis_server: RedisDatabase) -> None:
    redis_server.empty()
    throttle = Throttle(connect(redis_server.url))
    guess(throttle, "maija.virtanen@example.fi", HOME)
    guess(throttle, "maija.virtanen@example.fi", HOME, known_device=True)
    throttle.admit_order("maija.virtanen@example.fi", HOME)
    with Redis.from_url(redis_server.url) as admin:
        keys = list(admin.scan_iter())
        held = b" ".join([*keys, *(admin.dump(key) or b"" for key in keys)])
    assert len(keys) == 6
    assert b"maija" not in held
    assert b"192.0.2" not in held
