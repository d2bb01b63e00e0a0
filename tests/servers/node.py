"""The packages in tests/node for Node's scripts, installed once from their lock.

``python -m tests.servers.node`` installs them ahead of the tests.
"""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from filelock import FileLock

from tests.servers.process import ServerFailed

FOLDER = Path(__file__).parents[1] / "node"
MODULES = FOLDER / "node_modules"
STAMP = MODULES / ".lock-digest"

FLAGS = ("--experimental-global-webcrypto", "--no-warnings")
"""For every script: Node 18, which Debian 12 ships, hides the cryptography the packages call."""


def install() -> None:
    """Bring node_modules to what package-lock.json says; one process at a time, once."""
    name = hashlib.sha256(bytes(FOLDER)).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir()) / f"idp-node-{os.getuid()}-{name}.lock"):
        digest = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
        if STAMP.is_file() and STAMP.read_text() == digest:
            return
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerFailed(f"npm ci: {done.stderr}")
        STAMP.write_text(digest)


if __name__ == "__main__":
    install()
