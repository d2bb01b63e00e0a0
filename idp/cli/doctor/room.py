"""Checks of room: that nothing fills up."""

import os
import shutil
from pathlib import Path

from idp.cli.doctor.finding import Findings, fine, warning, wrong
from idp.config import Settings

_SCARCE = 1024**3
_NONE = 100 * 1024**2


def check_room(settings: Settings) -> Findings:
    """Look at the disks we write to and at how many connections a process may have."""
    for key, folder in _folders(settings).items():
        if not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free
        text = f"{free / 1024**3:.1f} GiB are free where {folder} lies"
        if not os.access(folder, os.W_OK):
            yield wrong(key, f"{folder} cannot be written to", "Give its account the right to")
        elif free < _NONE:
            yield wrong(key, text, "Make room: nobody can sign in once it is full")
        elif free < _SCARCE:
            yield warning(key, text, "Make room")
        else:
            yield fine(key, text)


def _folders(settings: Settings) -> dict[str, Path]:
    """What we write to, by the setting that names it."""
    folders = {}
    if settings.database.url.startswith("sqlite:///"):
        folders["database.url"] = Path(settings.database.url.removeprefix("sqlite:///")).parent
    if settings.mail.url.startswith("file:"):
        folders["mail.url"] = Path(settings.mail.url.removeprefix("file:"))
    return folders
