"""From what somebody types to their organization's way in: by e-mail domain, or by its link's name.

The answer depends on the domain or the name alone, never on whether the person exists.
"""

from urllib.parse import urlencode

from idp.authentication.federation import domains
from idp.authentication.federation.connections import Connections
from idp.authentication.interaction import PARAMETER
from idp.foundation.database import Database
from idp.foundation.throttle import Throttle


class Homes:
    """The ways home of one deployment."""

    def __init__(self, database: Database, connections: Connections, throttle: Throttle) -> None:
        self._database = database
        self._connections = connections
        self._throttle = throttle

    def by_address(self, typed: str, network: str) -> str | None:
        """The slug of the organization whose domain the address has, if it has single sign-on.

        Raises Throttled, whatever was typed.
        """
        self._throttle.admit_home(network)
        domain = domains.domain_of(typed)
        if domain is None:
            return None
        with self._database.reading() as tx:
            slug = domains.home(tx, domain)
        return self._with_sso(slug)

    def by_address_or_name(self, typed: str, network: str) -> str | None:
        """The same, or by the last part of the organization's link."""
        typed = typed.strip()
        if "@" in typed:
            return self.by_address(typed, network)
        self._throttle.admit_home(network)
        return self._with_sso(typed.rstrip("/").rpartition("/")[2].lower())

    def _with_sso(self, slug: str | None) -> str | None:
        return slug if slug and self._connections.uses_sso(slug) else None


def way(slug: str, sealed: str | None, *, fresh: bool = False) -> str:
    """The organization's SSO link, with the sealed request that the browser carries."""
    query = {**({PARAMETER: sealed} if sealed else {}), **({"fresh": "1"} if fresh else {})}
    return f"/sso/{slug}{'?' if query else ''}{urlencode(query)}"
