"""What every ephemeral memory promises: one process's own, and Redis."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis import Redis

from idp.foundation.clock import shifted, utcnow
from idp.foundation.ephemeral import Ephemeral, Memory, Pace, connect
from tests.servers.redis import RedisDatabase

NOW = timedelta(0)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
THREE_THEN_A_MINUTE = Pace(delays=(NOW, NOW, MINUTE), memory=HOUR)


@pytest.fixture
def url(redis_server: RedisDatabase) -> str:
    redis_server.empty()
    return redis_server.url


@pytest.fixture
def admin(url: str) -> Iterator[Redis]:
    with Redis.from_url(url) as client:
        yield client


@dataclass(frozen=True)
class Site:
    """Two nodes with one memory, and a way to let time pass for it."""

    here: Ephemeral
    there: Ephemeral
    later: Callable[[timedelta], AbstractContextManager[None]]


@pytest.fixture(params=["process", "redis"])
def site(request: pytest.FixtureRequest) -> Site:
    if request.param == "process":
        memory = Memory()
        return Site(memory, memory, shifted)
    admin: Redis = request.getfixturevalue("admin")
    url: str = request.getfixturevalue("url")

    @contextmanager
    def later(by: timedelta) -> Iterator[None]:
        # Redis has no clock that a test can set: what it keeps grows older instead.
        for key in admin.scan_iter():
            admin.pexpire(key, admin.pttl(key) - by // timedelta(milliseconds=1))
        with shifted(by):
            yield

    return Site(connect(url), connect(url), later)


def test_a_value_is_seen_by_all_until_its_time_is_up(site: Site) -> None:
    site.here.put("k", b"\x00value", MINUTE)
    assert site.there.get("k") == b"\x00value"
    with site.later(MINUTE - SECOND):
        assert site.there.get("k") == b"\x00value"
    with site.later(MINUTE + SECOND):
        assert site.there.get("k") is None


def test_what_was_never_put_is_nothing(site: Site) -> None:
    assert site.here.get("k") is None


def test_deleting_forgets_value_count_and_tries(site: Site) -> None:
    site.here.put("k", b"value", HOUR)
    site.here.increment("k", HOUR)
    for _ in range(3):
        site.here.take_turn({"k": THREE_THEN_A_MINUTE})
    site.there.delete("k", "never there")
    assert site.here.get("k") is None
    assert site.here.increment("k", HOUR) == 1
    assert site.here.take_turn({"k": THREE_THEN_A_MINUTE}).wait == NOW


def test_a_huge_value_is_not_kept_and_takes_the_old_one_with_it(site: Site) -> None:
    site.here.put("k", b"small", HOUR)
    site.here.put("k", b"x" * 65537, HOUR)
    assert site.here.get("k") is None
    site.here.put("k", b"x" * 65536, HOUR)
    assert site.here.get("k") == b"x" * 65536


def test_a_count_starts_anew_after_its_time_from_the_first_one(site: Site) -> None:
    assert [site.here.increment("k", MINUTE), site.there.increment("k", MINUTE)] == [1, 2]
    with site.later(timedelta(seconds=50)):
        assert site.here.increment("k", MINUTE) == 3
    with site.later(timedelta(seconds=61)):
        assert site.here.increment("k", MINUTE) == 1


def test_twelve_callers_count_twelve(site: Site) -> None:
    with ThreadPoolExecutor(12) as callers:
        counts = callers.map(lambda _: site.here.increment("k", HOUR), range(12))
    assert sorted(counts) == list(range(1, 13))


def test_tries_wait_as_their_pace_says(site: Site) -> None:
    turns = [site.here.take_turn({"k": THREE_THEN_A_MINUTE}) for _ in range(4)]
    assert [turn.count for turn in turns] == [1, 2, 3, 3]
    assert [turn.wait > NOW for turn in turns] == [False, False, False, True]
    assert turns[3].wait <= MINUTE
    with site.later(timedelta(seconds=61)):
        assert site.there.take_turn({"k": THREE_THEN_A_MINUTE}).count == 4
        assert site.here.take_turn({"k": THREE_THEN_A_MINUTE}).wait > NOW


def test_of_fifty_tries_at_once_no_more_go_than_the_pace_allows(site: Site) -> None:
    with ThreadPoolExecutor(50) as callers:
        turns = list(
            callers.map(lambda _: site.here.take_turn({"k": THREE_THEN_A_MINUTE}), range(50))
        )
    assert sum(turn.wait == NOW for turn in turns) == 3


def test_one_key_that_waits_holds_all_and_nothing_counts(site: Site) -> None:
    for _ in range(3):
        site.here.take_turn({"slow": THREE_THEN_A_MINUTE})
    assert site.here.take_turn({"free": THREE_THEN_A_MINUTE, "slow": THREE_THEN_A_MINUTE}).wait
    assert site.here.take_turn({"free": THREE_THEN_A_MINUTE}).count == 1


def test_a_watched_key_bids_to_wait_but_does_not_count(site: Site) -> None:
    for _ in range(5):
        assert site.here.take_turn({"free": Pace(delays=(NOW,), memory=HOUR)}, ["seen"]).wait == NOW
    for _ in range(3):
        site.here.take_turn({"seen": THREE_THEN_A_MINUTE})
    assert site.here.take_turn({"other": THREE_THEN_A_MINUTE}, ["seen"]).wait > NOW


def test_tries_are_forgotten_after_a_rest(site: Site) -> None:
    for _ in range(3):
        site.here.take_turn({"k": THREE_THEN_A_MINUTE})
    with site.later(HOUR + SECOND):
        assert site.here.take_turn({"k": THREE_THEN_A_MINUTE}).count == 1


def test_a_bump_is_seen_by_every_node_within_a_second(site: Site) -> None:
    before = site.there.version("clients")
    site.here.bump("clients")
    assert site.here.version("clients") != before
    with site.later(SECOND):
        assert site.there.version("clients") != before


def test_versions_rest_while_nothing_is_bumped(url: str) -> None:
    here, there = connect(url), connect(url)
    with shifted(-timedelta(seconds=utcnow().timestamp() % 30)):
        before = here.version("clients")
        here.bump("keys")
        assert there.version("clients") == before
        with shifted(5 * SECOND):
            assert here.version("clients") == before


def test_a_version_lost_by_redis_never_comes_back(url: str, admin: Redis) -> None:
    memory = connect(url)
    before = memory.version("clients")
    admin.flushdb()
    with shifted(SECOND):
        assert memory.version("clients") != before


def test_without_redis_what_another_process_changed_is_seen_within_a_second() -> None:
    memory = Memory()
    before = memory.version("clients")
    with shifted(SECOND):
        assert memory.version("clients") != before


def test_a_process_keeps_what_was_used_last_when_its_memory_is_full() -> None:
    memory = Memory(entries=2)
    memory.put("old", b"1", HOUR)
    memory.put("used", b"2", HOUR)
    memory.get("old")
    memory.put("new", b"3", HOUR)
    assert [memory.get(key) for key in ("old", "used", "new")] == [b"1", None, b"3"]


def test_two_products_may_share_one_redis(url: str, admin: Redis) -> None:
    connect(url).put("k", b"value", HOUR)
    assert [key for key in admin.scan_iter() if not key.startswith(b"idp:")] == []


def test_nothing_stays_in_redis_for_ever(url: str, admin: Redis) -> None:
    memory = connect(url)
    memory.put("k", b"value", HOUR)
    memory.increment("k", HOUR)
    memory.take_turn({"k": THREE_THEN_A_MINUTE})
    memory.bump("bumped")
    memory.version("read")
    keys = list(admin.scan_iter())
    assert len(keys) == 5
    assert [key for key in keys if admin.pttl(key) < 0] == []
