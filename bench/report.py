"""The report: Markdown tables for people, one JSON document for comparing runs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from bench.run import EMPTY_FLASK, EMPTY_WSGI, Row, Run

FOREIGN_WARNING = 0.1
"""A share of a core used by others from which on a run is called disturbed."""


def as_json(run: Run) -> dict[str, Any]:
    """Return the whole run, medians and single samples."""
    return {
        "circumstances": dict(run.circumstances),
        "limits": {name: run.limit_rates(name) for name in run.limits[0]},
        "ways": list(run.ways_rows()),
        "processes": list(run.process_rows()),
        "starts": [asdict(start) for start in run.starts],
        "samples": [asdict(sample) for sample in run.samples],
    }


def as_markdown(run: Run) -> str:
    """Return the tables."""
    parts = (
        _circumstances(run),
        _table(RATES, run.ways_rows()),
        _table(LATENCIES, run.ways_rows()),
        _table(PROCESSES, run.process_rows()),
        _table(LIMITS, _limit_rows(run)),
    )
    return "\n\n".join("\n".join(part) for part in parts)


def _number(field: str, digits: int = 0) -> Callable[[Row], str]:
    return lambda row: "" if row[field] is None else f"{row[field]:.{digits}f}"


def _to_peer(field: str) -> Callable[[Row], str]:
    return _number(f"{field}_to_peer", 2)


def _share(field: str) -> Callable[[Row], str]:
    return lambda row: f"{row[field]:.0%}"


def _text(field: str) -> Callable[[Row], str]:
    return lambda row: row.get(field) or ""


def _of_limit(row: Row) -> str:
    return f"{row['of_limit']:.1%} of {row['limit']}" if row["of_limit"] else ""


def _parts(row: Row) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in row["parts"].items())


Columns = Mapping[str, Callable[[Row], str]]

RATES: Columns = {
    "way": _text("way"),
    "server": _text("server"),
    "per CPU s": _number("per_cpu_second"),
    "± over rounds": _share("spread"),
    "to peer": _to_peer("per_cpu_second"),
    "stores' CPU too": _number("with_stores"),
    "to peer ": _to_peer("with_stores"),
    "by the clock": _number("per_second"),
    "to peer  ": _to_peer("per_second"),
    "share of the limit": _of_limit,
    "of a turn": _parts,
    "target": _text("target"),
}
LATENCIES: Columns = {
    "way": _text("way"),
    "server": _text("server"),
    "p50 ms": _number("p50", 1),
    "p99 ms": _number("p99", 1),
    "p99 to peer": _to_peer("p99"),
    "target": _text("p99_target"),
    "generator busy": _share("generator_share"),
    "others busy": _share("foreign_share"),
}
PROCESSES: Columns = {
    "server": _text("server"),
    "cold start s": _number("cold_start", 2),
    "target": _text("cold_start_target"),
    "MB idle": lambda row: f"{row['idle']['tree']:.0f}",
    "MB after load": lambda row: f"{row['loaded']['tree']:.0f}",
    "largest process": lambda row: f"{row['loaded']['largest']:.0f}",
    "target ": _text("memory_target"),
}
LIMITS: Columns = {
    "limit, one thread": _text("name"),
    "per CPU s": _number("cpu"),
    "by the clock": _number("wall"),
}


def _table(columns: Columns, rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(title.strip() for title in columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(render(row) for render in columns.values())} |"


def _limit_rows(run: Run) -> Iterator[Row]:
    for name in run.limits[0]:
        yield {"name": name, **run.limit_rates(name)}
    for server in (EMPTY_WSGI, EMPTY_FLASK):
        cpu, wall = (
            run.figure(server, "discovery", field) for field in ("per_cpu_second", "per_second")
        )
        yield {"name": f"{server} under granian", "cpu": cpu, "wall": wall}


def _circumstances(run: Run) -> Iterator[str]:
    for name, value in run.circumstances.items():
        yield f"- {name}: {value}"
    worst = run.worst_disturbance()
    note = ": DISTURBED, take only the ratios seriously" if worst > FOREIGN_WARNING else ""
    yield f"- most that others took of a core in any sample: {worst:.0%}{note}"
