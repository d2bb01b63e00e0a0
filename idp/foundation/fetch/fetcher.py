"""One request, one checked address, one whole answer, in time."""

import socket
import ssl
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead

from idp.foundation.fetch.deadline import Deadline
from idp.foundation.fetch.destination import Destination, Guard, Resolve, parse, system_resolve
from idp.foundation.fetch.failure import FetchError, Reason
from idp.foundation.turns import given_up

LONGEST = timedelta(seconds=5)
"""All the time a request may take, from the name to the last byte."""
LARGEST = 1024 * 1024
"""The most bytes of an answer's body."""
_REDIRECTS = {300, 301, 302, 303, 305, 307, 308}
_CHUNK = 65536
_ADDRESSES = 4
"""How many addresses of a name are tried."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A whole answer; its header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Fetcher:
    """Fetches from the open Internet over TLS, and from the hosts and networks it is told to allow.

    ``allow_private`` are host names and CIDRs, reached without TLS too where the URL says so;
    ``ca_file`` adds certificate authorities (PEM) to the system's.
    """

    def __init__(
        self,
        allow_private: Collection[str] = (),
        ca_file: str = "",
        *,
        resolve: Resolve = system_resolve,
    ) -> None:
        self._guard = Guard(allow_private, resolve)
        self._ca_file = ca_file

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made at first use: reading the system's authorities takes a while."""
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        if self._ca_file:
            context.load_verify_locations(self._ca_file)
        return context

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        max_bytes: int = LARGEST,
        timeout: timedelta = LONGEST,
    ) -> Fetched:
        """The answer, whatever its status; FetchError where there is none or it is a redirect."""
        return self._fetch(url, _Question("GET", None, headers or {}), max_bytes, timeout)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        max_bytes: int = LARGEST,
        timeout: timedelta = LONGEST,
    ) -> Fetched:
        """Like `get`; ``headers`` name the body's Content-Type."""
        return self._fetch(url, _Question("POST", body, headers), max_bytes, timeout)

    def _fetch(
        self, url: str, question: "_Question", max_bytes: int, timeout: timedelta
    ) -> Fetched:
        deadline = Deadline(min(timeout, LONGEST))
        destination = parse(url)
        try:
            with (
                given_up(),
                closing(self._connect(destination, deadline)) as connection,
                deadline.cutting(connection),
                closing(_ask(connection, destination, question)) as response,
            ):
                fetched = _read(response, destination.host, max_bytes)
        except (OSError, HTTPException) as error:
            reason = Reason.TIMEOUT if deadline.has_passed else _reason(error)
            raise FetchError(reason, destination.host) from error
        if deadline.has_passed:
            # A cut can look like the end of an answer that names no length.
            raise FetchError(Reason.TIMEOUT, destination.host)
        return fetched

    def _connect(self, destination: Destination, deadline: Deadline) -> socket.socket:
        """A connection to the first checked address that takes one, inside TLS for https."""
        addresses = self._guard.addresses(destination, deadline)[:_ADDRESSES]
        problem = OSError()
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            patience = deadline.remaining() / left
            try:
                plain = socket.create_connection((str(address), destination.port), patience)
            except OSError as error:
                problem = error
                continue
            return self._secure(plain, destination, deadline)
        raise problem

    def _secure(
        self, plain: socket.socket, destination: Destination, deadline: Deadline
    ) -> socket.socket:
        try:
            plain.settimeout(deadline.remaining())
            if destination.scheme == "http":
                return plain
            return self._tls.wrap_socket(plain, server_hostname=destination.host)
        except BaseException:
            plain.close()
            raise


@dataclass(frozen=True)
class _Question:
    method: str
    body: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def _ask(connection: socket.socket, destination: Destination, question: _Question) -> HTTPResponse:
    # http.client asks for no compression by itself.
    asking = HTTPConnection(destination.host, destination.port)
    asking.sock = connection
    own = {"Host": destination.authority, "Connection": "close", "User-Agent": "idp"}
    headers = {**question.headers, **own}
    asking.request(question.method, destination.target, question.body, headers)
    return asking.getresponse()


def _read(response: HTTPResponse, host: str, max_bytes: int) -> Fetched:
    """The answer with its body, read no further than ``max_bytes``."""
    if response.status in _REDIRECTS:
        raise FetchError(Reason.REDIRECTED, host)
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise FetchError(Reason.ENCODED, host)
    body = bytearray()
    while chunk := response.read(min(_CHUNK, max_bytes + 1 - len(body))):
        body += chunk
        if len(body) > max_bytes:
            raise FetchError(Reason.TOO_LARGE, host)
    if response.length:
        raise IncompleteRead(b"", response.length)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(status=response.status, headers=headers, body=bytes(body))


def _reason(error: OSError | HTTPException) -> Reason:
    if isinstance(error, HTTPException):
        return Reason.GARBLED
    if isinstance(error, ssl.SSLError):
        return Reason.TLS
    return Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.UNREACHABLE
