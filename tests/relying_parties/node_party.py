"""The relying party in relying_party.mjs, spoken to from Python."""

import json
from pathlib import Path
from typing import Any

from tests.servers.node_script import NodeScript

SCRIPT = Path(__file__).with_name("relying_party.mjs")


class Refused(Exception):
    """openid-client did not accept something.

    ``error`` is the OAuth error code if one was sent, ``status`` that of the answer if it was one.
    """

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(json.dumps(answer))
        self.error = answer.get("error")
        self.status = answer.get("status")


class NodeParty(NodeScript):
    """One run of the script, for one client."""

    def __init__(self) -> None:
        super().__init__(SCRIPT)

    def ask(self, deed: str, **given: Any) -> dict[str, Any]:
        """Have one deed done; its answer, or Refused."""
        answer = self.do(deed, **given)
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer
