"""What one run measured, and the figures that follow from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.figures import spread, verdict
from bench.peer import Peer
from bench.rounds import Sample, Start
from bench.usage import Memory
from bench.ways import Way

EMPTY_WSGI = "empty wsgi"
EMPTY_FLASK = "empty flask_app"
MEDIANS = (
    "per_cpu_second",
    "with_stores",
    "per_second",
    "p50",
    "p99",
    "store_share",
    "generator_share",
    "foreign_share",
)
TO_PEER = ("per_cpu_second", "with_stores", "per_second", "p99")
P99_TARGET = (0.5, 0.25)
START_TARGET = (1.5, 1.0)
MEMORY_TARGET = (130, 100)

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Run:
    """All that one run measured; ``limits`` holds one measurement a round."""

    circumstances: Mapping[str, str]
    ways: Sequence[Way]
    samples: Sequence[Sample]
    starts: Sequence[Start]
    loaded: Mapping[str, Memory]
    limits: Sequence[Mapping[str, Mapping[str, float]]]

    def servers(self) -> list[str]:
        """Return the names of the providers, the peer first."""
        names = dict.fromkeys(sample.server for sample in self.samples)
        providers = [name for name in names if not name.startswith("empty ")]
        return sorted(providers, key=lambda name: name != Peer.name)

    def figure(self, server: str, way: str, field: str) -> float | None:
        """Return the median over rounds of one field of the samples, None where not measured."""
        values = self._values(server, way, field)
        return median(values) if values else None

    def limit(self, way: Way) -> tuple[float | None, str]:
        """Return the rate that bounds ``way`` and the field of a sample that it bounds."""
        if way.limit == "empty_wsgi":
            return self.figure(EMPTY_WSGI, "discovery", "per_cpu_second"), "per_cpu_second"
        # A durable write waits, it does not compute: only the clock measures it.
        by_clock = way.limit == "fdatasync"
        rates = self.limit_rates(way.limit)
        return rates["wall" if by_clock else "cpu"], "per_second" if by_clock else "per_cpu_second"

    def limit_rates(self, name: str) -> dict[str, float]:
        """Return the median rates of a limit, by CPU and by the clock."""
        return {
            kind: median(limits[name][kind] for limits in self.limits) for kind in ("cpu", "wall")
        }

    def ways_rows(self) -> Iterator[Row]:
        """Return each way on each provider: medians, ratios to the peer and the limit, verdicts."""
        for way in self.ways:
            for server in self.servers():
                if self.figure(server, way.name, "turns") is not None:
                    yield self._row(way, server)

    def process_rows(self) -> Iterator[Row]:
        """Return start and memory of each provider."""
        for server in self.servers():
            starts = [start for start in self.starts if start.server == server]
            seconds = median(start.seconds for start in starts)
            loaded = self.loaded[server]
            row: Row = {"server": server, "cold_start": seconds}
            row |= {"idle": asdict(starts[-1].memory), "loaded": asdict(loaded)}
            if server != Peer.name:
                row["cold_start_target"] = verdict(seconds, *START_TARGET)
                row["memory_target"] = verdict(loaded.largest, *MEMORY_TARGET)
            yield row

    def worst_disturbance(self) -> float:
        """Return the largest share of a core that processes of others took in any sample."""
        return max(sample.foreign_share for sample in self.samples)

    def _row(self, way: Way, server: str) -> Row:
        row: Row = {"way": way.name, "server": server}
        row |= {field: self.figure(server, way.name, field) for field in MEDIANS}
        row["spread"] = spread(self._values(server, way.name, "per_cpu_second"))
        for field in TO_PEER:
            reference = self.figure(Peer.name, way.name, field)
            row[f"{field}_to_peer"] = row[field] / reference if reference else None
        limit, limited = self.limit(way)
        row |= {"limit": way.limit, "of_limit": row[limited] / limit if limit else None}
        row["parts"] = {
            name: row["per_cpu_second"] / self.limit_rates(name)["cpu"] for name in way.parts
        }
        if server != Peer.name:
            reached = row[way.judged_by]
            row["target"] = verdict(reached, way.at_least, way.aim) if reached else None
            tail = row["p99_to_peer"]
            row["p99_target"] = verdict(tail, *P99_TARGET) if tail else None
        return row

    def _values(self, server: str, way: str, field: str) -> list[float]:
        wanted = (server, way)
        return [
            float(getattr(sample, field))
            for sample in self.samples
            if (sample.server, sample.way) == wanted
        ]
