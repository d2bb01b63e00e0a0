"""npm samlp's identity provider, spoken to from Python."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from idp.authentication.federation.identity import Departure
from tests.saml.answers import IDP
from tests.saml.keys import pair, pem
from tests.saml.ours import OURS
from tests.servers import node

SCRIPT = Path(__file__).with_suffix(".mjs")


class Samlp:
    """One run of the script."""

    def __enter__(self) -> Self:
        node.install()
        self._process = subprocess.Popen(
            ["node", *node.FLAGS, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def answer(self, departure: Departure, **options: Any) -> dict[str, str]:
        """Answer the request; AssertionError where it is refused."""
        query = {
            name: each[0] for name, each in parse_qs(urlsplit(departure.location).query).items()
        }
        given = {"body": dict(departure.fields)} if departure.fields else {"query": query}
        how = {
            "issuer": IDP,
            "cert": _armoured(pair("idp").certificate.base64),
            "key": pem(pair("idp").private),
            "signingCert": _armoured(OURS.signing.certificate.base64),
            "destination": OURS.acs,
            "recipient": OURS.acs,
            "sessionIndex": "_session-1",
            "deflate": True,
            "nameIdentifierFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "lifetimeInSeconds": 300,
        }
        return self._ask("answer", options=how | options, **given)

    def _ask(self, deed: str, **given: Any) -> dict[str, str]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": deed, **given}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, str] = json.loads(self._process.stdout.readline())
        assert "refused" not in answer, answer
        return answer


def _armoured(base64: str) -> str:
    lines = [base64[at : at + 64] for at in range(0, len(base64), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
