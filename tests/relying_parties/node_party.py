"""The relying party in relying_party.mjs, spoken to from Python."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers import node

SCRIPT = Path(__file__).with_name("relying_party.mjs")


class Refused(Exception):
    """openid-client did not accept something.

    ``error`` is the OAuth error code if one was sent, ``status`` that of the answer if it was one.
    """

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(json.dumps(answer))
        self.error = answer.get("error")
        self.status = answer.get("status")


class NodeParty:
    """One run of the script, for one client."""

    def __init__(self) -> None:
        node.install()
        self._process = subprocess.Popen(
            ["node", *node.FLAGS, str(SCRIPT)],
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

    def ask(self, deed: str, **given: Any) -> dict[str, Any]:
        """Have one deed done; its answer, or Refused."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": deed, **given}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer
