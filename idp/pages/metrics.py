"""The figures for Prometheus, read when they are asked for: the same from every worker and node."""

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import bindparam, func, select

from idp.audit import last
from idp.authentication.federation.calendar import Expiry, entries
from idp.authentication.federation.expiries import expiries
from idp.authentication.models import SessionRecord
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement
from idp.foundation.parts import Parts
from idp.pages.state import Condition, state
from idp.signing.ring import SigningKeys

_LIVE_SESSIONS = Statement(
    select(func.count(SessionRecord.id).label("number")).where(
        SessionRecord.ended_at.is_(None), SessionRecord.expires_at > bindparam("now")
    )
)


class Figures(Collector):
    """What there is to measure."""

    def __init__(self, parts: Parts, signing_keys: SigningKeys) -> None:
        self._parts = parts
        self._signing_keys = signing_keys

    def describe(self) -> list[Metric]:
        """Nothing ahead: registering asks the database for nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now; those of the database only while it answers."""
        found = state(self._parts, self._signing_keys)
        yield InfoMetricFamily("idp_build", "The version running.", {"version": version("idp")})
        up = GaugeMetricFamily("idp_part_up", "1: the part does its work.", labels=["part"])
        for part, condition in found.checks.items():
            up.add_metric([part], float(condition is Condition.OK))
        yield up
        if found.backlog is None:
            return
        oldest, now = found.backlog.oldest_at, utcnow()
        yield GaugeMetricFamily(
            "idp_outbox_waiting", "Items that wait to be sent.", found.backlog.waiting
        )
        yield GaugeMetricFamily(
            "idp_outbox_oldest_seconds",
            "How long the oldest of them has waited.",
            (now - oldest).total_seconds() if oldest else 0,
        )
        yield from self._counted()

    def _counted(self) -> Iterator[Metric]:
        with self._parts.database.reading() as tx:
            sessions = tx.first(_LIVE_SESSIONS, now=utcnow()).number
            deeds = last(tx).position
            ending = expiries(tx, self._parts.keyring)
        yield _days_left(ending)
        yield GaugeMetricFamily("idp_sessions_live", "Sessions not ended and in time.", sessions)
        yield CounterMetricFamily("idp_audit_records", "Deeds sealed in the audit log.", deeds)


def _days_left(ending: list[Expiry]) -> Metric:
    """Of each kind of thing of each connection the one that ends first."""
    metric = GaugeMetricFamily(
        "idp_connection_expiry_days",
        "Whole days until a certificate, secret or metadata expires; negative once it has.",
        labels=["organization", "connection", "kind"],
    )
    first: dict[tuple[str, str, str], int] = {}
    for entry in entries(ending, utcnow()):
        expiry = entry.expiry
        key = (expiry.organization, expiry.connection, expiry.kind.value)
        first.setdefault(key, entry.days_left)
    for labels, days in first.items():
        metric.add_metric(labels, days)
    return metric


class Metrics:
    """The exposition of one deployment's figures."""

    def __init__(self, parts: Parts, signing_keys: SigningKeys) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Figures(parts, signing_keys))

    def text(self) -> bytes:
        """The figures in Prometheus's text format."""
        return generate_latest(self._registry)
