"""A request and a response as plain values: what protocol endpoints take and give."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

MAX_BODY = 64 * 1024
MAX_FIELDS = 100


class Malformed(Exception):
    """The request cannot be read; the text is fit for the client's developer."""


class TooLarge(Malformed):
    """The request's body is larger than we read."""


class Parameters(Mapping[str, str]):
    """Parameters of a query or form; an empty value counts as absent (RFC 6749 section 3.1)."""

    def __init__(self, raw: str) -> None:
        try:
            pairs = parse_qsl(
                raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
            )
        except UnicodeDecodeError as error:
            raise Malformed("parameters must be UTF-8") from error
        except ValueError as error:
            raise Malformed("too many parameters") from error
        if "\0" in raw or "%00" in raw:
            raise Malformed("parameters must not hold a null character")
        self._values: dict[str, str] = {}
        self.repeated: list[str] = []
        self.pairs: list[tuple[str, str]] = pairs
        for name, value in pairs:
            if name in self._values:
                self.repeated.append(name)
            self._values.setdefault(name, value)

    def every(self, name: str) -> list[str]:
        """All values of a parameter that may repeat, in their order."""
        return [value for given, value in self.pairs if given == name and value]

    def __getitem__(self, name: str) -> str:
        if value := self._values[name]:
            return value
        raise KeyError(name)

    def __iter__(self) -> Any:
        return (name for name, value in self._values.items() if value)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request; ``url`` is built from the configured issuer, never from the Host header."""

    method: str
    path: str
    url: str
    query_string: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    remote_address: str

    @cached_property
    def query(self) -> Parameters:
        """The query's parameters; raises Malformed."""
        return Parameters(self.query_string)

    @cached_property
    def form(self) -> Parameters:
        """The form body's parameters, empty unless it is a form; raises Malformed."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return Parameters("")
        try:
            return Parameters(self.body.decode())
        except UnicodeDecodeError as error:
            raise Malformed("the body must be UTF-8") from error

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies as they came; ours are plain, so nothing is unquoted."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs}


@dataclass(kw_only=True)
class Response:
    """One HTTP answer."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


Endpoint = Callable[[Request], Response]


def json_response(
    value: object, status: int = 200, headers: list[tuple[str, str]] | None = None
) -> Response:
    """``value`` as JSON that nobody may store."""
    return Response(
        status=status,
        headers=[
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("Pragma", "no-cache"),
            *(headers or ()),
        ],
        body=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
    )


def redirect(location: str, headers: list[tuple[str, str]] | None = None) -> Response:
    """Send the browser on with a GET, whatever it came with (RFC 9700 section 4.12)."""
    return Response(
        status=303,
        headers=[
            ("Location", location),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            *(headers or ()),
        ],
    )
