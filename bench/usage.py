"""What processes use: CPU and memory of whole trees, read from /proc, and the core they run on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Resident megabytes of a tree (shared pages counted each time) and of its largest process."""

    tree: float
    largest: float


def cpu_seconds(pid: int) -> float:
    """Return the CPU that the tree under ``pid`` has used, its ended children's included."""
    return sum(sum(map(int, fields[11:15])) for fields in _tree(pid)) / _TICKS


def memory(pid: int) -> Memory:
    """Return what the tree under ``pid`` has resident now."""
    each = [int(fields[21]) * _PAGE / _MEGABYTE for fields in _tree(pid)]
    return Memory(tree=sum(each), largest=max(each))


def machine_cpu_seconds() -> float:
    """Return the CPU that the whole machine has used, taken by its host included."""
    fields = Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / _TICKS


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run this thread, and so what it starts, on ``core`` alone within the block."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _tree(root: int) -> list[list[str]]:
    """Return proc_pid_stat(5) from the state on, one list of fields a process."""
    everyone = dict(_stats())
    found = [root]
    for pid in found:
        found.extend(child for child, fields in everyone.items() if int(fields[1]) == pid)
    return [everyone[pid] for pid in found if pid in everyone]


def _stats() -> Iterator[tuple[int, list[str]]]:
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(entry.name), text.rpartition(")")[2].split()
