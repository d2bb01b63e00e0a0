"""The web server: Granian's workers, each with the whole application."""

import logging
import socket
import time
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from idp import create_app
from idp.config import Settings
from idp.errors import Refused
from idp.serving.logs import configure
from idp.serving.processes import PATIENCE, belong_to_parent

_BACKLOG = 2048
_HEADER_SECONDS = 10
_HEADER_BYTES = 64 * 1024
_GONE_WITHIN = 3
_LOOK_AGAIN = 0.05


def require_free(bind: str) -> None:
    """Refused where somebody listens there: two of our servers would share the port unnoticed.

    One that has just been killed may need a moment to be gone.
    """
    deadline = time.monotonic() + _GONE_WITHIN
    while error := _bind_error(bind):
        if time.monotonic() > deadline:
            raise Refused("cannot_listen", bind=bind, why=error.strerror) from error
        time.sleep(_LOOK_AGAIN)


def _bind_error(bind: str) -> OSError | None:
    host, port = _address(bind)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def serve_web(settings: Settings) -> None:
    """Serve requests until SIGTERM; those under way are answered first."""
    host, port = _address(settings.server.bind)
    Granian(
        "idp",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.server.workers,
        blocking_threads=settings.server.threads,
        backlog=_BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEADER_SECONDS * 1000, max_buffer_size=_HEADER_BYTES
        ),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=int(PATIENCE.total_seconds()) - 5,
        # Its warnings are advice on settings, given at every start.
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {}, "loggers": {"_granian": {"propagate": True}}},
    ).serve(target_loader=partial(_application, settings), wrap_loader=False)


def _address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    return host.strip("[]"), int(port)


def _application(settings: Settings) -> Any:
    """What a worker runs; it is called in the worker."""
    belong_to_parent()
    configure(settings.log.level)
    logging.getLogger("_granian").setLevel(logging.WARNING)
    return create_app(settings)
