"""Whether a domain's owner published what we gave: a bounded DNS question, outside of requests."""

from collections.abc import Set
from contextlib import suppress

from dns.exception import DNSException
from dns.resolver import Resolver, get_default_resolver

from idp.audit import SYSTEM
from idp.authentication.federation import domains
from idp.authentication.federation.models import OrganizationDomain
from idp.errors import Invalid
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Transaction

KIND = "domain_check"
"""The outbox's name for it."""
_LONGEST_WAIT = 4.0
"""Seconds for all tries of one question."""


class TxtRecords:
    """Asks the machine's own name servers, or ``resolver``, for TXT records (RFC 1035 3.3.14)."""

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver = resolver

    def of(self, name: str) -> Set[str]:
        """The texts published at exactly this name; empty where there are none or nobody answers.

        The name is absolute: a machine's search list must not answer for another's domain.
        """
        try:
            resolver = self._resolver or get_default_resolver()
            found = resolver.resolve(f"{name}.", "TXT", lifetime=_LONGEST_WAIT, search=False)
        except DNSException:
            return frozenset()
        return {b"".join(each.strings).decode("ascii", "replace") for each in found}

    def prove(self, asked: tuple[str, str]) -> bool:
        """Whether the record of that name and value is published."""
        name, value = asked
        return value in self.of(name)


class DomainChecks:
    """Does what an IT person orders on the page."""

    def __init__(self, database: Database, records: TxtRecords) -> None:
        self._database = database
        self._records = records

    def handle(self, item: outbox.Item) -> outbox.FollowUp | None:
        """Look once: after a change in DNS they press again. The domain may be gone by then."""
        organization_id, domain = item.organization_id or "", str(item.payload["domain"])
        with self._database.reading() as tx:
            row = tx.session.get(OrganizationDomain, (organization_id, domain))
            if row is None:
                return None
            asked = domains.record_of(row)
        is_proved = self._records.prove(asked)
        return lambda tx: _settle(tx, organization_id, domain, asked, is_proved=is_proved)


def _settle(
    tx: Transaction,
    organization_id: str,
    domain: str,
    asked: tuple[str, str],
    *,
    is_proved: bool,
) -> None:
    """Write down what was seen, unless the domain was removed and added anew meanwhile."""
    row = tx.session.get(OrganizationDomain, (organization_id, domain))
    if row is None or domains.record_of(row) != asked:
        return
    row.checked_at = utcnow()
    if is_proved:
        with suppress(Invalid):  # Another organization's: the operator decides.
            domains.verify(tx, row, how="dns", by=SYSTEM)
