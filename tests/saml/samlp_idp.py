"""npm samlp's identity provider, spoken to from Python."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idp.authentication.federation.identity import Departure
from tests.saml.answers import IDP
from tests.saml.keys import pair, pem
from tests.saml.ours import OURS
from tests.servers.node_script import NodeScript

SCRIPT = Path(__file__).with_suffix(".mjs")


class Samlp(NodeScript):
    """One run of the script."""

    def __init__(self) -> None:
        super().__init__(SCRIPT)

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
        answer = self.do("answer", options=how | options, **given)
        assert "refused" not in answer, answer
        return answer


def _armoured(base64: str) -> str:
    lines = [base64[at : at + 64] for at in range(0, len(base64), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
