"""A metadata address: a web server that gives one document."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.saml.ours import idp_metadata


class Address:
    """What it gives, and how often it was asked."""

    def __init__(self) -> None:
        self.document, self.status, self.asked = idp_metadata(), 200, 0
        address = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address.asked += 1
                body = address.document.encode()
                self.send_response(address.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/metadata"


@contextmanager
def served() -> Iterator[Address]:
    """An address that answers until the block ends."""
    address = Address()
    thread = threading.Thread(target=address.server.serve_forever)
    thread.start()
    try:
        yield address
    finally:
        address.server.shutdown()
        address.server.server_close()
        thread.join()
