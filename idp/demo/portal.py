"""The example portal beside the demo's provider: its registration, and its process."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from idp import Deployment
from idp.audit import SYSTEM
from idp.demo.folder import Place
from idp.errors import Refused

_WRITTEN_FOR = "http://localhost:8001"
"""The portal's address in its registration document."""


def sources() -> Path:
    """The source tree that the portal is part of; Refused, ``no_example``, where there is none."""
    try:
        found = find_spec("examples.portal")
    except ModuleNotFoundError:
        found = None
    if found is None or found.origin is None:
        raise Refused("no_example")
    return Path(found.origin).parents[2]


def register(deployment: Deployment, place: Place) -> None:
    """Register the portal at its address, unless it is, and keep its id and secret."""
    file = place.client
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    metadata = _metadata(place)
    clients = deployment.clients
    if known.get("redirect_uris") == metadata["redirect_uris"]:
        return
    with deployment.parts.database.transaction() as tx:
        if known:
            clients.disable(tx, known["client_id"], by=SYSTEM)
        registered = clients.register(tx, metadata, by=SYSTEM)
        known = {
            "client_id": registered.record.client_id,
            "client_secret": registered.client_secret,
            **metadata,
        }
    clients.changed()
    file.touch(mode=0o600)
    file.write_text(json.dumps(known, indent=2))


def serve_portal(place: Place) -> None:
    """Become the portal: a program of its own that knows nothing of ours."""
    os.chdir(sources())
    arguments = {
        "issuer": place.issuer,
        "client": str(place.client),
        "url": place.portal,
        "bind": f"127.0.0.1:{place.port + 1}",
        "database": str(place.folder / "portal.db"),
        "support-contact": "tuki@laatuportti.example",
    }
    words = [word for name, value in arguments.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "examples.portal", *words]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is meant


def _metadata(place: Place) -> dict[str, Any]:
    text = (sources() / "examples" / "portal" / "client.json").read_text()
    metadata: dict[str, Any] = json.loads(text.replace(_WRITTEN_FOR, place.portal))
    return metadata
