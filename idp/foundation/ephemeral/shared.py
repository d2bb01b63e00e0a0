"""Ephemeral memory that all nodes share, in Redis; while it is gone each process limits by its own.

A call that fails costs one short wait and opens the circuit. While that is open, values are as if
they had vanished, counts and tries are this process's (limited, neither open nor closed), and
versions change every second, so that nothing cached grows stale.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from idp.foundation.clock import utcnow
from idp.foundation.ephemeral.circuit import Circuit
from idp.foundation.ephemeral.contract import MAX_VALUE, Pace, Turn
from idp.foundation.ephemeral.expiring import Expiring
from idp.foundation.ephemeral.memory import Memory
from idp.foundation.secrets import random_id
from idp.foundation.turns import given_up

_TIMEOUT = 0.2
"""Seconds that connecting, and each answer, may take."""
_PAUSE = timedelta(seconds=1)
_CONNECTIONS = 128
_VERSION_READ_EVERY = timedelta(milliseconds=500)
_VERSION_LIVES = timedelta(days=7)
_VERSION_LASTS = 30
"""Seconds after which a version differs anyway: news sent while Redis was away may be lost."""

_INCREMENT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""

_TAKE_TURN = """
-- KEYS: the counted ones, then the watched. ARGV: now, how many are counted,
-- then for each counted key: memory, number of delays, the delays. Times are in milliseconds.
local now, counted = tonumber(ARGV[1]), tonumber(ARGV[2])
local counts, wait, most = {}, 0, 0
for i, key in ipairs(KEYS) do
  local tries = redis.call('HMGET', key, 'count', 'free_at')
  counts[i] = tonumber(tries[1] or 0)
  wait = math.max(wait, tonumber(tries[2] or 0) - now)
  most = math.max(most, counts[i])
end
if wait > 0 then return {wait, most} end
local at = 3
most = 0
for i = 1, counted do
  local memory, steps = ARGV[at], tonumber(ARGV[at + 1])
  local count = counts[i] + 1
  local delay = tonumber(ARGV[at + 1 + math.min(count, steps)])
  redis.call('HSET', KEYS[i], 'count', count, 'free_at', delay > 0 and now + delay or 0)
  redis.call('PEXPIRE', KEYS[i], memory)
  most = math.max(most, count)
  at = at + 2 + steps
end
return {0, most}
"""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Shared:
    """Redis as ephemeral memory; ``prefix`` keeps our keys apart from others' in the same one."""

    def __init__(self, url: str, prefix: str = "idp:") -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            max_connections=_CONNECTIONS,
            retry=Retry(NoBackoff(), 0),
        )
        self._increment = self._redis.register_script(_INCREMENT)
        self._take_turn = self._redis.register_script(_TAKE_TURN)
        self._prefix = prefix
        self._circuit = Circuit(_PAUSE)
        self._own = Memory()
        self._lock = threading.Lock()
        self._versions: Expiring[str] = Expiring(1000)

    @property
    def is_degraded(self) -> bool:
        return self._circuit.is_open

    def get(self, key: str) -> bytes | None:
        def read() -> bytes | None:
            value: Any = self._redis.get(self._value(key))
            return value if isinstance(value, bytes) else None

        return self._call(read, instead=lambda: None)

    def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        if len(value) > MAX_VALUE:
            self.delete(key)
            return
        self._call(lambda: self._redis.set(self._value(key), value, px=ttl), instead=lambda: None)

    def delete(self, *keys: str) -> None:
        every = [name(key) for key in keys for name in (self._value, self._count, self._tries)]
        self._own.delete(*keys)
        self._call(lambda: self._redis.delete(*every), instead=lambda: None)

    def increment(self, key: str, ttl: timedelta) -> int:
        def count() -> int:
            return int(self._increment([self._count(key)], [_milliseconds(ttl)]))

        return self._call(count, instead=lambda: self._own.increment(key, ttl))

    def take_turn(self, paces: Mapping[str, Pace], watched: Collection[str] = ()) -> Turn:
        keys = [self._tries(key) for key in (*paces, *watched)]
        arguments = [int(utcnow().timestamp() * 1000), len(paces)]
        for pace in paces.values():
            arguments += [_milliseconds(pace.memory), len(pace.delays)]
            arguments += map(_milliseconds, pace.delays)

        def ask() -> Turn:
            wait, count = self._take_turn(keys, arguments)
            return Turn(wait=timedelta(milliseconds=wait), count=count)

        return self._call(ask, instead=lambda: self._own.take_turn(paces, watched))

    def version(self, name: str) -> str:
        with self._lock:
            known = self._versions.get(name)
        if known is None:
            known = self._call(lambda: self._read_version(name), instead=lambda: "")
            if not known:
                return self._own.version(name)
            with self._lock:
                self._versions.put(name, known, _VERSION_READ_EVERY)
        return f"{known}.{int(utcnow().timestamp()) // _VERSION_LASTS}"

    def bump(self, name: str) -> None:
        new = random_id()
        self._own.bump(name)
        self._call(
            lambda: self._redis.set(self._prefix + "version:" + name, new, ex=_VERSION_LIVES),
            instead=lambda: None,
        )
        with self._lock:
            self._versions.delete(name)

    def _read_version(self, name: str) -> str:
        """The word in Redis; a new one where it vanished, which nobody can have seen before."""
        key = self._prefix + "version:" + name
        value: Any = self._redis.get(key)
        if value is None:
            self._redis.set(key, random_id(), nx=True, ex=_VERSION_LIVES)
            value = self._redis.get(key)
        return value.decode() if isinstance(value, bytes) else ""

    def _call(self, work: Callable[[], T], *, instead: Callable[[], T]) -> T:
        if not self._circuit.admits():
            return instead()
        try:
            with given_up():
                answer = work()
        except RedisError as error:
            if self._circuit.failed():
                log.warning(
                    "redis is out of reach (%s): limits are this process's own",
                    type(error).__name__,
                )
            return instead()
        if self._circuit.succeeded():
            log.info("redis is back")
        return answer

    def _value(self, key: str) -> str:
        return f"{self._prefix}value:{key}"

    def _count(self, key: str) -> str:
        return f"{self._prefix}count:{key}"

    def _tries(self, key: str) -> str:
        return f"{self._prefix}tries:{key}"


def _milliseconds(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)
