"""The files of the repository: what git tracks, or would track if it were asked."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files() -> tuple[str, ...]:
    """The paths below the root, in order."""
    listing = subprocess.run(
        [
            *("git", "-c", "safe.directory=*", "ls-files", "-z"),
            *("--cached", "--others", "--exclude-standard"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(path for path in listing.stdout.split("\0") if (ROOT / path).is_file()))


def files_in(folder: str, *suffixes: str) -> list[str]:
    """The paths below ``folder`` whose names end in one of ``suffixes``."""
    return [path for path in files() if path.startswith(f"{folder}/") and path.endswith(suffixes)]


def read(path: str) -> str:
    """The text of the file at ``path``; what is no text reads as such, never as an error."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")
