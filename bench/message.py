"""HTTP/1.1 as bytes: just what a benchmark client on loopback needs, and quickly."""

from typing import NamedTuple

from bench.errors import WrongAnswer

BODILESS = frozenset({204, 304})
SHOWN_BYTES = 600


class Response(NamedTuple):
    """One whole answer; ``head`` still holds the status line and header lines as they came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of the header ``name``, or None."""
        values = self.headers(name)
        return values[0] if values else None

    def headers(self, name: str) -> list[str]:
        """Return every value of the header ``name``, in order."""
        wanted = name.lower() + ":"
        lines = self.head.decode("latin-1").split("\r\n")
        return [
            line[len(wanted) :].strip() for line in lines if line[: len(wanted)].lower() == wanted
        ]

    def wrong(self, expected: str) -> WrongAnswer:
        """Return the error that says what was expected and shows what came instead."""
        shown = (self.head + b"\n\n" + self.body)[:SHOWN_BYTES].decode("utf-8", "replace")
        return WrongAnswer(f"expected {expected}, got:\n{shown}")


def request(method: str, target: str, host: str, headers: str = "", body: bytes = b"") -> bytes:
    """Return a request; ``headers`` are whole lines, each ending in CRLF."""
    length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}\r\n".encode() + body


def parse(data: bytes) -> Response | None:
    """Return the answer that ``data`` is, or None while some of it is still to come.

    Requests are never pipelined, so what follows the answer is a server's mistake: ``WrongAnswer``.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, rest = data[:end], data[end + 4 :]
    status = int(head[9:12])
    names = head.lower()
    if status in BODILESS:
        body: bytes | None = b""
        surplus = len(rest)
    elif (at := names.find(b"\r\ncontent-length:")) >= 0:
        stop = names.find(b"\r\n", at + 2)
        length = int(names[at + 17 : stop if stop > 0 else end])
        body = rest if len(rest) >= length else None
        surplus = len(rest) - length
    elif names.find(b"\r\ntransfer-encoding: chunked") >= 0:
        body, surplus = _dechunk(rest)
    else:
        raise WrongAnswer(f"an answer without a length: {head!r}")
    if body is None:
        return None
    if surplus > 0:
        raise WrongAnswer(f"{surplus} bytes after the answer {head!r}")
    return Response(status, head, body)


def _dechunk(rest: bytes) -> tuple[bytes | None, int]:
    """Return the body in ``rest`` and the number of bytes after it (RFC 9112 section 7.1).

    The body is None while it is incomplete.
    """
    parts: list[bytes] = []
    at = 0
    while (line_end := rest.find(b"\r\n", at)) >= 0:
        size = int(rest[at:line_end].split(b";")[0], 16)
        start = line_end + 2
        at = start + size + 2
        if len(rest) < at:
            return None, 0
        if size == 0:
            return b"".join(parts), len(rest) - at
        parts.append(rest[start : start + size])
    return None, 0
