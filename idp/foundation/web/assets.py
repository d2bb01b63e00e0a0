"""The addresses of our static files, which browsers may keep for ever."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path


def assets(folder: Path) -> Callable[[str], str]:
    """From a file's name to its address with its content's digest in it."""
    versions = {
        path.name: sha256(path.read_bytes()).hexdigest()[:12]
        for path in folder.iterdir()
        if path.is_file()
    }
    return lambda name: f"/static/{name}?v={versions[name]}"
