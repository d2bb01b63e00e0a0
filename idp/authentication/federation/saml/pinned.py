"""Which metadata a connection trusts: what a person pasted, or what its address gave, sealed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from idp.authentication.federation.connection import Connection

SECRET = "saml_pinned"
"""What the connection's secrets call what its address gave."""
ALWAYS = datetime(1, 1, 2, tzinfo=UTC)
"""A moment at which no metadata has ended."""


def metadata(connection: Connection) -> str | None:
    """The pinned document; None while its address has given none."""
    return kept(connection.document, connection.secrets)


def kept(document: Mapping[str, Any], opened: Mapping[str, str]) -> str | None:
    """The same from a connection's parts."""
    if pasted := document["metadata"]:
        return str(pasted)
    given = json.loads(opened.get(SECRET, "{}"))
    # Another address is another trust: what the old one gave does not count for it.
    return given["xml"] if given.get("url") == document["metadata_url"] else None


def dumped(url: str, xml: str) -> str:
    """What an address gave, as text to be sealed."""
    return json.dumps({"url": url, "xml": xml})
