"""The log: one line a record on standard error, whatever anybody typed."""

import logging
import sys
from typing import Literal

_FORMAT = "%(asctime)s %(levelname)s %(name)s[%(process)d]: %(message)s"
_CONTINUED = "\n    | "


def configure(level: Literal["debug", "info", "warning", "error"]) -> None:
    """Send this process's log to standard error; journald and containers take it from there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(_FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


class _Lines(logging.Formatter):
    """Begins every further line with a bar: no typed newline can pass for a record of its own."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\r", "\\r").replace("\x1b", "\\x1b")
        return _CONTINUED.join(text.split("\n"))
