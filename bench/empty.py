"""Two applications that do nothing, as quickly as their kind can."""

from collections.abc import Callable, Iterable
from typing import Any

import flask

BODY = b'{"issuer":"nobody"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def wsgi(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer without looking at the request."""
    start_response("200 OK", HEADERS)
    return [BODY]


flask_app = flask.Flask(__name__)


@flask_app.get("/.well-known/openid-configuration")
def answer() -> flask.Response:
    """Answer the same through Flask's routing, request and response."""
    return flask.Response(BODY, mimetype="application/json")
