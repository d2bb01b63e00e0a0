"""Connections as values, as if an organization had set them up."""

from typing import Any

from idp.authentication.federation import document as documents
from idp.authentication.federation.connection import Connection
from idp.authentication.federation.identity import Attempt
from idp.authentication.federation.policy import Policy
from idp.authentication.federation.saml import own_keys
from idp.authentication.federation.saml.partner import Partners
from idp.authentication.federation.saml.upstream import SamlUpstream
from idp.foundation.clock import utcnow
from tests.saml.keys import pair
from tests.saml.ours import idp_metadata

ISSUER = "https://id.example.fi"


def connection(metadata: str | None = None, **document: Any) -> Connection:
    """An organization's connection to the identity provider of that metadata."""
    given = {"kind": "saml", "name": "saml", "metadata": metadata or idp_metadata(), **document}
    if "metadata_url" in document:
        del given["metadata"]
    read = documents.read(given)
    stored = read.stored()
    return Connection(
        id="connection-1",
        organization_id="organization-1",
        slug="kuusela",
        organization_name="Kuusela",
        name="saml",
        kind="saml",
        product=read.product,
        document=stored,
        secrets={
            own_keys.SIGNING: pair("sp signing").dumped(),
            own_keys.ENCRYPTION: pair("sp encryption").dumped(),
        },
        mapping=documents.mapping(stored),
        policy=Policy.model_validate(stored["policy"]),
        is_default=True,
        is_enabled=True,
        is_suspended=False,
        version=1,
    )


def upstream(*allow_private: str) -> SamlUpstream:
    """The protocol, for every connection."""
    return SamlUpstream(Partners(ISSUER, allow_private))


def attempt(**changes: Any) -> Attempt:
    """A browser's way there and back."""
    how: dict[str, Any] = {
        "id": "RelayState0123456789ab",
        "redirect_uri": f"{ISSUER}/sso/kuusela/saml/acs",
        "begun_at": utcnow(),
    }
    return Attempt(**how | changes)
