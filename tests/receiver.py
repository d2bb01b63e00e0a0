"""A relying party's own web server: keeps what was posted to it, answers as it is told."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs


class Receiver:
    """Listens on a free port of this machine while its block lasts."""

    def __init__(self, answer: Callable[[int], tuple[int, bytes]] | None = None) -> None:
        self.answer = answer or (lambda number: (200, b""))
        """From how many requests there have been to status and body."""
        self.page = b"<!doctype html><title>rp</title>"
        self.page_status = 200
        """What each GET is answered with."""
        self.redirect_to = ""
        """Where a POST sends the browser, if anywhere."""
        self.got: list[str] = []
        """Paths with their queries."""
        self.posted: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        received = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request to the receiver."""

            def do_POST(self) -> None:
                """Keep the form, answer as told."""
                body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                received.headers.append({k.lower(): v for k, v in self.headers.items()})
                received.posted.append({name: v[0] for name, v in parse_qs(body).items()})
                self._send(*received.answer(len(received.posted)))

            def do_GET(self) -> None:
                """Keep the path, show the page."""
                received.got.append(self.path)
                self._send(received.page_status, received.page)

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(
                    303 if received.redirect_to and self.command == "POST" else status
                )
                if received.redirect_to and self.command == "POST":
                    self.send_header("Location", received.redirect_to)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Nothing on the tests' output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://localhost:{self._server.server_port}"
        self.address = f"http://127.0.0.1:{self._server.server_port}/logged-out"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
