"""What happens before a registration is written: its statement read, its fields and sector checked.

Apart from the registry because it may fetch, which nobody should do inside a transaction.
"""

from collections.abc import Mapping
from typing import Any

from idp.clients.metadata import validate
from idp.clients.sector import check_sector
from idp.clients.software_statement import SoftwareStatements
from idp.config import Registration
from idp.foundation.fetch import Fetcher


class Admission:
    """Turns a document into metadata that may be registered."""

    def __init__(self, settings: Registration, fetcher: Fetcher) -> None:
        self._statements = SoftwareStatements(settings)
        self._fetcher = fetcher

    def admit(self, document: object, *, is_dynamic: bool = False) -> dict[str, Any]:
        """The complete metadata; Invalid names each field that does not hold."""
        if isinstance(document, Mapping):
            document = self._statements.applied(document)
        metadata = validate(document, is_dynamic=is_dynamic)
        check_sector(self._fetcher, metadata)
        return metadata
