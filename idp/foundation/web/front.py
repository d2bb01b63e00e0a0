"""The WSGI front: knows our host, finds the caller's address, and answers protocol paths itself.

Everything else goes on to Flask. Mounted before Flask's routing because routing, contexts and
sessions cost more than most protocol answers (docs/performance.md).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
)

from idp.config import Settings
from idp.errors import IdpError, Unavailable
from idp.foundation.turns import given_up, taken
from idp.foundation.web.protocol import (
    MAX_BODY,
    Endpoint,
    Malformed,
    Request,
    Response,
    TooLarge,
    json_response,
)

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Routes = Mapping[str, Mapping[str, Endpoint]]
ERROR = "idp.error"
"""Key of the environment under which an endpoint's error reaches the pages, to be shown."""
REMOTE = "idp.remote_address"
_ANY_HOST = ("/health/", "/metrics")
_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]
_CORS = [
    ("Access-Control-Allow-Methods", "GET, POST, PATCH"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP"),
    ("Access-Control-Max-Age", "3600"),
]
log = logging.getLogger(__name__)


class Front:
    """Dispatch ``routes`` (path → method → endpoint); hand all else to ``pages``.

    ``people`` are routes of people's pages: whatever goes wrong there becomes a page.
    ``open_paths`` may be called from any origin's scripts: they take no cookie.
    """

    def __init__(
        self,
        settings: Settings,
        routes: Routes,
        people: Routes,
        pages: WSGI,
        open_paths: frozenset[str],
    ) -> None:
        self._issuer = settings.issuer
        self._host = urlsplit(settings.issuer).netloc
        self._proxies = [ip_network(network) for network in settings.server.trusted_proxies]
        self._hsts = (
            [("Strict-Transport-Security", "max-age=63072000; includeSubDomains")]
            if settings.is_https
            else []
        )
        self._routes = {**routes, **people}
        self._people = frozenset(people)
        self._pages = pages
        self._open_paths = open_paths

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ.get("PATH_INFO", "/")
        if environ.get("HTTP_HOST") != self._host and not path.startswith(_ANY_HOST):
            answer = json_response({"error": "unknown_host"}, 421)
            return self._send(answer, environ, start_response)
        environ[REMOTE] = self._remote_address(environ)
        # A path that ends with a slash stands for all that lie right below it.
        methods = self._routes.get(path) or self._routes.get(path[: path.rfind("/") + 1])
        if methods is None:
            return self._pages(environ, start_response)
        try:
            with taken():
                response = self._answer(methods, environ, path)
        except Exception as error:
            is_shown = isinstance(error, IdpError) and not isinstance(error, Unavailable)
            if is_shown or path in self._people:
                environ[ERROR] = error
                return self._pages(environ, start_response)
            log.exception("an endpoint failed: %s", path)
            response = _failure(error)
        return self._send(response, environ, start_response)

    def _answer(
        self, methods: Mapping[str, Endpoint], environ: dict[str, Any], path: str
    ) -> Response:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS" and path in self._open_paths:
            return Response(status=204, headers=list(_CORS))
        endpoint = methods.get("GET" if method == "HEAD" else method)
        is_for_people = path in self._people
        if endpoint is None and is_for_people:
            raise MethodNotAllowed(list(methods))
        if endpoint is None:
            return Response(status=405, headers=[("Allow", ", ".join(methods))])
        try:
            return endpoint(self._read(environ, method, path))
        except Malformed as error:
            if is_for_people:
                raise _unreadable(error) from error
            return json_response({"error": "invalid_request", "error_description": str(error)}, 400)

    def _read(self, environ: dict[str, Any], method: str, path: str) -> Request:
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        return Request(
            method=method,
            path=path,
            url=self._issuer + path,
            query_string=environ.get("QUERY_STRING", ""),
            headers=headers,
            body=_body(environ),
            remote_address=environ[REMOTE],
        )

    def _remote_address(self, environ: dict[str, Any]) -> str:
        """The caller: the last address that no trusted proxy vouches for as another proxy's."""
        address: str = environ.get("REMOTE_ADDR", "") or "127.0.0.1"
        if not self._proxies:
            return address
        chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        while chain and self._is_proxy(address):
            nearer = chain.pop()
            if not _is_address(nearer):
                break
            address = nearer
        return address

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(
            ip_address(address) in network for network in self._proxies
        )

    def _send(
        self, response: Response, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> list[bytes]:
        status = HTTPStatus(response.status)
        said = {name for name, _ in response.headers}
        headers = [*response.headers, *(own for own in _HEADERS if own[0] not in said), *self._hsts]
        if environ.get("PATH_INFO") in self._open_paths:
            headers.append(("Access-Control-Allow-Origin", "*"))
            headers.append(("Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate"))
        headers.append(("Content-Length", str(len(response.body))))
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]


def _failure(error: Exception) -> Response:
    if isinstance(error, Unavailable):
        return unavailable(error)
    return json_response({"error": "server_error"}, 500)


def _unreadable(error: Malformed) -> HTTPException:
    return RequestEntityTooLarge() if isinstance(error, TooLarge) else BadRequest()


def unavailable(error: Unavailable) -> Response:
    """503 in OAuth's words, saying when to come back (RFC 6749 section 4.1.2.1)."""
    return json_response(
        {"error": "temporarily_unavailable", "error_description": "try again shortly"},
        503,
        [("Retry-After", str(max(1, round(error.retry_after.total_seconds()))))],
    )


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and len(length) < 10) or int(length) > MAX_BODY:
        raise TooLarge(f"the body must be at most {MAX_BODY} bytes and say its length")
    if not int(length):
        return b""
    with given_up():  # A slow sender keeps nobody else waiting.
        body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
