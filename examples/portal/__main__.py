"""Serve the example portal: `python -m examples.portal`."""

import logging
import sys

from werkzeug.serving import WSGIRequestHandler, make_server

from examples.portal.app import create_app
from examples.portal.config import read_config

log = logging.getLogger("portal")


class RequestHandler(WSGIRequestHandler):
    """Logs addresses without their query: the callback's holds a code."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line a request."""
        path = getattr(self, "path", "-").partition("?")[0]
        log.info("%s %s %s", self.command, path.encode("unicode_escape").decode(), code)


def main() -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    config = read_config(sys.argv[1:])
    host, _, port = config.bind.rpartition(":")
    server = make_server(
        host, int(port), create_app(config), threaded=True, request_handler=RequestHandler
    )
    log.info("The example portal is at %s", config.url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
