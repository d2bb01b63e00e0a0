"""pysaml2's identity provider as a web site for browsers; whoever comes is signed in there."""

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from idp.authentication.federation.identity import Departure
from tests.saml.ours import idp_metadata
from tests.saml.pysaml2_idp import Pysaml2

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SERVICES = {"SingleLogoutService": "slo", "SingleSignOnService": "sso"}


class SamlSite:
    """It takes requests by one binding and answers by a form that sends itself.

    Being at 127.0.0.1, its posts come to ``localhost`` from another site.
    """

    def __init__(self, binding: str = REDIRECT) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.metadata = idp_metadata(
            endpoints="".join(
                f'<md:{service} Binding="{binding}" Location="{self.url}/{path}"/>'
                for service, path in SERVICES.items()
            )
        )
        self.has_session = True
        self.answers_logout = True

    def meet(self, folder: Path, metadata: bytes, person: dict[str, list[str]]) -> None:
        """Know our connection by its metadata, and the one person there is."""
        self._idp, self._person = Pysaml2(folder, metadata, self.url), person

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def page(self, path: str, form: dict[str, str] | None) -> str:
        """What it shows for a request."""
        departure = Departure(location=f"{self.url}{path}", fields=form)
        if urlsplit(path).path == "/sso":
            where, answer = self._idp.acs, self._idp.answer(departure, identity=self._person)
            return _sending(where, answer)
        where, answer = self._idp.slo, self._idp.logged_out(departure)
        self.has_session = False
        return _sending(where, answer) if self.answers_logout else "<h1>Signed out</h1>"


def _sending(action: str, fields: dict[str, str]) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    form = f'<form method="post" action="{action}">{inputs}</form>'
    return f"<!doctype html>{form}<script>document.forms[0].submit()</script>"


def _handler(site: SamlSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(site.page(self.path, None))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(site.page(self.path, form))

        def _send(self, page: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
