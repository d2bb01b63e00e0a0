"""Rounds: every server walks every way in turn, so that a busy minute hits all alike."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.errors import BenchError
from bench.figures import percentile
from bench.generator import Hall
from bench.servers import Contestant
from bench.site import Site
from bench.steps import Story
from bench.turns import Visitor
from bench.usage import Memory, cpu_seconds, machine_cpu_seconds, memory
from bench.ways import Way
from tests.servers.server import Server


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured, and where."""

    rounds: int
    seconds: float
    connections: int
    server_core: int


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One server on one way in one round.

    ``per_cpu_second`` counts the server's own CPU, ``with_stores`` its stores' too, ``per_second``
    the clock. p50 and p99 are milliseconds of a turn, shares those of a core.
    """

    server: str
    way: str
    turns: int
    per_cpu_second: float
    with_stores: float
    per_second: float
    p50: float
    p99: float
    store_share: float
    generator_share: float
    foreign_share: float


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start of a server and its memory once it has answered."""

    server: str
    seconds: float
    memory: Memory


def start_all(servers: Sequence[Contestant], times: int) -> Iterator[Start]:
    """Stop and start every server ``times`` times in turn and leave it running."""
    for _ in range(times):
        for server in servers:
            server.stop()
            begun = time.perf_counter()
            server.start()
            seconds = time.perf_counter() - begun
            yield Start(server=server.name, seconds=seconds, memory=memory(server.process.pid))


def measure_round(
    number: int,
    servers: Sequence[Contestant],
    ways: Sequence[Way],
    plan: Plan,
    tell: Callable[[str], None],
) -> Iterator[Sample]:
    """Measure each way on each server that walks it; every other round turns their order around."""
    order = servers if number % 2 == 0 else list(reversed(servers))
    sites = {server.name: server.site() for server in order}
    for way in ways:
        for server in (server for server in order if server.walks(way)):
            try:
                sample = measure(server, sites[server.name], way, plan)
            except BenchError as error:
                raise BenchError(f"{way.name} on {server.name}: {error}") from error
            tell(f"{way.name:14} {server.name:24} {sample.per_cpu_second:9.1f} a CPU second")
            yield sample


def measure(server: Contestant, site: Site, way: Way, plan: Plan) -> Sample:
    """Walk ``way`` on ``server`` for the plan's seconds."""
    client = site.clients[way.registration]
    visitors = [
        Visitor(site, client, number % len(site.people)) for number in range(plan.connections)
    ]

    def tell(number: int) -> Story[None]:
        return way.turn(visitors[number])

    with Hall(site.address, plan.connections) as hall:
        hall.once([way.prepare(visitor) for visitor in visitors])
        before = _clocks(server)
        load = hall.load(tell, plan.seconds)
        used, stores, stand_ins, machine = (
            later - earlier for earlier, later in zip(before, _clocks(server), strict=True)
        )
    generator = load.generator_cpu + stand_ins
    return Sample(
        server=server.name,
        way=way.name,
        turns=len(load.turns),
        per_cpu_second=len(load.turns) / used,
        with_stores=len(load.turns) / (used + stores),
        per_second=len(load.turns) / load.wall,
        p50=percentile(load.turns, 50) * 1000,
        p99=percentile(load.turns, 99) * 1000,
        store_share=stores / load.wall,
        generator_share=generator / load.wall,
        foreign_share=(machine - used - stores - generator) / load.wall,
    )


def measure_limits(plan: Plan) -> dict[str, dict[str, float]]:
    """Measure the limits once, on the servers' core."""
    command = ["taskset", "--cpu-list", str(plan.server_core), sys.executable, "-m", "bench.limits"]
    seconds = str(plan.seconds / 4)
    output = subprocess.run([*command, seconds], check=True, capture_output=True).stdout
    limits: dict[str, dict[str, float]] = json.loads(output)
    return limits


def _clocks(server: Contestant) -> tuple[float, float, float, float]:
    """Return the CPU seconds so far of the server, its stores, stand-ins and the whole machine."""
    return (
        cpu_seconds(server.process.pid),
        _of_all(server.stores),
        _of_all(server.stand_ins),
        machine_cpu_seconds(),
    )


def _of_all(servers: Sequence[Server]) -> float:
    return sum(cpu_seconds(server.process.pid) for server in servers)
