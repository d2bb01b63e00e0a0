"""Which metadata a connection trusts: what a person pasted, or what its address gave, sealed."""

import json
from datetime import UTC, datetime

from idp.authentication.federation.connection import Connection

SECRET = "saml_pinned"
"""What the connection's secrets call what its address gave."""
ALWAYS = datetime(1, 1, 2, tzinfo=UTC)
"""A moment at which no metadata has ended."""


def metadata(connection: Connection) -> str | None:
    """The pinned document; None while its address has given none."""
    if pasted := connection.document["metadata"]:
        return str(pasted)
    kept = json.loads(connection.secrets.get(SECRET, "{}"))
    # Another address is another trust: what the old one gave does not count for it.
    return kept["xml"] if kept.get("url") == connection.document["metadata_url"] else None


def dumped(url: str, xml: str) -> str:
    """What an address gave, as text to be sealed."""
    return json.dumps({"url": url, "xml": xml})
