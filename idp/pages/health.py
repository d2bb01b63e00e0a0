"""``/health/live``, ``/health/ready``, ``/metrics``: what machines ask, at any Host name."""

from http import HTTPStatus
from ipaddress import ip_address, ip_network

from flask import Flask, jsonify, request
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from werkzeug.wrappers import Response

from idp.errors import NotFound
from idp.foundation.parts import Parts
from idp.foundation.web.front import REMOTE
from idp.pages.metrics import Metrics
from idp.pages.state import Status, state
from idp.signing.ring import SigningKeys


class Health:
    """What machines ask of one deployment."""

    def __init__(self, parts: Parts, signing_keys: SigningKeys) -> None:
        self._parts = parts
        self._signing_keys = signing_keys
        self._metrics = Metrics(parts, signing_keys)
        self._watchers = [ip_network(network) for network in parts.settings.server.trusted_proxies]

    def register(self, app: Flask) -> None:
        """Mount the endpoints."""
        app.add_url_rule("/health/live", "health_live", self.live)
        app.add_url_rule("/health/ready", "health_ready", self.ready)
        app.add_url_rule("/metrics", "metrics", self.metrics)

    def live(self) -> Response:
        """The process answers; nothing else is looked at."""
        return jsonify(status="live")

    def ready(self) -> Response:
        """Whether to send people here: 503 where they could not be served; degraded is ready."""
        found = state(self._parts, self._signing_keys)
        response = jsonify(status=found.status, checks=found.checks)
        if found.status is Status.UNAVAILABLE:
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return response

    def metrics(self) -> Response:
        """The figures, to this machine and our own proxies; to others there is no such page."""
        if not self._is_watcher():
            raise NotFound
        return Response(self._metrics.text(), content_type=CONTENT_TYPE_LATEST)

    def _is_watcher(self) -> bool:
        """Whether the caller is one of ours; a proxy that we do not trust hides who it is."""
        remote = request.environ[REMOTE]
        is_hidden = "X-Forwarded-For" in request.headers and remote == request.remote_addr
        address = ip_address(remote)
        is_ours = address.is_loopback or any(address in network for network in self._watchers)
        return is_ours and not is_hidden
