"""What a running server has registered for these tests already: it takes commands to make."""

from dataclasses import dataclass, field
from typing import Any

from tests.live import LivePerson
from tests.relying_parties.portal_server import PortalServer


@dataclass
class Made:
    """One server's person, portal, and clients by their authentication method."""

    person: LivePerson | None = None
    portal: PortalServer | None = None
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
