"""npm oidc-provider as an organization's identity provider: one person, at once signed in."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import node

SCRIPT = Path(__file__).parent / "node" / "oidc_upstream.mjs"


@contextmanager
def npm_provider(
    clients: list[dict[str, Any]], port: int, person: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Let it run on this port; its issuer. ``person`` changes who the one person is."""
    node.install()
    given = {"port": port, "clients": clients, "person": dict(person or {})}
    with subprocess.Popen(
        ["node", *node.FLAGS, str(SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        assert "ready" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        process.stdin.close()
