"""Asking an upstream over the network: bounded in time and number, and not again while it is down.

An organization's slow or dead provider costs its own people an error within five seconds, and
nobody else anything: few of our threads ever wait for one connection, and after a few failures in a
row only one caller in ten seconds finds out whether it is back.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.ephemeral.circuit import Circuit
from idp.foundation.fetch import Fetched, Fetcher, FetchError
from idp.foundation.fetch.deadline import Deadline
from idp.foundation.turns import waiting

BUDGET = timedelta(seconds=4.5)
"""All the time that one visit may wait for an upstream."""
MOST_AT_ONCE = 4
"""Calls of one process to one connection's upstream at a time."""
PATIENCE = 1.0
"""Seconds to wait for a turn where that many are under way."""
FAILURES = 3
"""Failures in a row after which the upstream counts as down."""
PAUSE = timedelta(seconds=10)
"""How often one caller tries an upstream that is down."""
_LARGEST = 512 * 1024
_MOST_KEPT = 10_000


@dataclass
class _Line:
    """What we know of the line to one connection's upstream."""

    turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_AT_ONCE)
    )
    circuit: Circuit = field(default_factory=lambda: Circuit(PAUSE))
    failures: int = 0


class Caller:
    """Calls the upstreams of one process."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._lines: dict[str, _Line] = {}

    def get(
        self,
        connection: Connection,
        url: str,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The answer, whatever its status; FederationRefused where there is none in time."""
        return self._call(connection, deadline, url, None, headers or {})

    def post(
        self,
        connection: Connection,
        url: str,
        body: bytes,
        deadline: Deadline,
        headers: Mapping[str, str],
    ) -> Fetched:
        """Like `get`."""
        return self._call(connection, deadline, url, body, headers)

    def _call(
        self,
        connection: Connection,
        deadline: Deadline,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Fetched:
        line = self._line(connection.id)
        if not line.circuit.admits():
            raise FederationRefused(Reason.UPSTREAM_UNREACHABLE, received="down")
        if not waiting(line.turns.acquire)(timeout=PATIENCE):
            raise FederationRefused(Reason.UPSTREAM_UNREACHABLE, received="busy")
        try:
            fetched = self._fetch(url, body, headers, deadline)
        except FetchError as error:
            self._failed(line)
            received = f"{error.reason} {error.host}"
            raise FederationRefused(Reason.UPSTREAM_UNREACHABLE, received=received) from error
        finally:
            line.turns.release()
        line.failures = 0
        line.circuit.succeeded()
        return fetched

    def _fetch(
        self, url: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Fetched:
        try:
            left = timedelta(seconds=deadline.remaining())
        except TimeoutError as error:
            raise FederationRefused(Reason.UPSTREAM_UNREACHABLE, received="timeout") from error
        if body is None:
            return self._fetcher.get(url, headers, max_bytes=_LARGEST, timeout=left)
        return self._fetcher.post(url, body, headers, max_bytes=_LARGEST, timeout=left)

    def _failed(self, line: _Line) -> None:
        line.failures += 1
        if line.failures >= FAILURES:
            line.circuit.failed()

    def _line(self, connection_id: str) -> _Line:
        if len(self._lines) >= _MOST_KEPT:
            self._lines.clear()
        return self._lines.setdefault(connection_id, _Line())


def json_object(fetched: Fetched) -> dict[str, Any]:
    """The JSON object of an answer with status 200; FederationRefused for all else."""
    if fetched.status != 200:
        raise FederationRefused(
            Reason.UPSTREAM_GARBLED, expected="200", received=str(fetched.status)
        )
    return read_json(fetched.body)


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object that ``body`` is; FederationRefused where it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FederationRefused(
            Reason.UPSTREAM_GARBLED, expected="JSON", received=type(error).__name__
        ) from error
    if not isinstance(value, dict):
        raise FederationRefused(
            Reason.UPSTREAM_GARBLED, expected="object", received=type(value).__name__
        )
    return value
