"""A script of Node's that does deeds: JSON a line in, JSON a line out."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers import node


class NodeScript:
    """One run of the script, within a ``with`` block."""

    def __init__(self, script: Path) -> None:
        node.install()
        self._process = subprocess.Popen(
            ["node", *node.FLAGS, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def do(self, deed: str, **given: Any) -> dict[str, Any]:
        """Have one deed done; its answer, which may be ``{"refused": ...}``."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": deed, **given}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
