"""`python -m bench`: measure, print the tables, write the JSON."""

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench.errors import BenchError
from bench.ours import Ours
from bench.peer import NODE_FOLDER, Peer, install
from bench.report import as_json, as_markdown
from bench.rounds import Plan, Sample, measure_limits, measure_round, start_all
from bench.run import Run
from bench.servers import Contestant, Empty
from bench.stores import Stores
from bench.usage import memory, on_core
from bench.ways import WAYS, Way
from tests.servers.process import ServerFailed

LATEST = Path(__file__).parent / "results" / "latest.json"

SERVERS: dict[str, list[Callable[[int, Stores], Contestant]]] = {
    "peer": [lambda core, stores: Peer(core, stores.redis)],
    "sqlite": [partial(Ours, on_postgresql=False, hashing=hashing) for hashing in (False, True)],
    "postgresql": [partial(Ours, on_postgresql=True, hashing=hashing) for hashing in (False, True)],
    "empty": [lambda core, _: Empty(core, "wsgi"), lambda core, _: Empty(core, "flask_app")],
}
"""What can be measured, and the servers that it takes."""


def main() -> int:
    """Run the benchmark that the command line asks for; 1 where a server failed or lied."""
    options = _options()
    # A start is measured as it is after an installation: with the bytecode kept.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    install()
    with ExitStack() as stack:
        stack.enter_context(on_core(options.generator_core))
        plan = Plan(
            rounds=options.rounds,
            seconds=options.seconds,
            connections=options.connections,
            server_core=options.server_core,
        )
        ways = [way for way in WAYS if not options.ways or way.name.startswith(tuple(options.ways))]
        try:
            run = _measured(plan, ways, options.servers, stack)
        except (BenchError, ServerFailed) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    print(as_markdown(run))
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(as_json(run), indent=1) + "\n")
    return 0


def _measured(plan: Plan, ways: list[Way], names: list[str], stack: ExitStack) -> Run:
    stores = Stores(plan.server_core, stack)
    made = [make(plan.server_core, stores) for name in names for make in SERVERS[name]]
    servers = [server for server in made if any(server.walks(way) for way in ways)]
    for server in servers:
        stack.enter_context(server)
    starts = list(start_all(servers, plan.rounds))
    for _ in measure_round(0, servers, ways, replace(plan, seconds=plan.seconds / 4), _say):
        pass  # What a server does once, it has done now.
    samples: list[Sample] = []
    limits: list[dict[str, dict[str, float]]] = []
    for number in range(plan.rounds):
        limits.append(measure_limits(plan))
        samples.extend(measure_round(number, servers, ways, plan, _say))
    return Run(
        circumstances=_circumstances(plan),
        ways=ways,
        samples=samples,
        starts=starts,
        loaded={server.name: memory(server.process.pid) for server in servers},
        limits=limits,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="rounds; figures are medians over them (5)")
    add(
        "--seconds",
        type=float,
        default=4.0,
        help="seconds of load for each server and way in a round (4)",
    )
    add("--connections", type=int, default=32, help="keep-alive connections (32)")
    add("--server-core", type=int, default=0, help="the core of servers and stores (0)")
    add("--generator-core", type=int, default=1, help="the core of the load generator (1)")
    add(
        "--servers", nargs="+", choices=SERVERS, default=list(SERVERS), help="what to measure (all)"
    )
    add(
        "--ways",
        nargs="+",
        default=[],
        metavar="WAY",
        help="ways to walk, by the beginning of their names (all)",
    )
    add(
        "--output",
        type=Path,
        default=LATEST,
        help="where the JSON goes (bench/results/latest.json)",
    )
    return parser.parse_args()


def _circumstances(plan: Plan) -> dict[str, str]:
    """Return what a reader has to know to repeat the run."""
    package = json.loads((NODE_FOLDER / "node_modules/oidc-provider/package.json").read_text())
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "command": shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        "machine": f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release()}",
        "placing": f"servers and their stores on core {plan.server_core}, generator on another",
        "load": f"{plan.connections} keep-alive connections",
        "measured": f"medians over {plan.rounds} rounds of {plan.seconds:g} s a way and server",
        "python": f"{platform.python_version()}, granian {version('granian')}",
        "peer": f"oidc-provider {package['version']}, node {_node_version()}",
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        "processor",
    )


def _node_version() -> str:
    return subprocess.run(
        ["node", "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
