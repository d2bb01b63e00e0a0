"""Child processes: started by forking, kept alive, drained on SIGTERM, never left behind.

Forked rather than executed: the code is read once and its memory shared.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing.process import BaseProcess

Job = Callable[[], None]

_STOP = frozenset({signal.SIGTERM, signal.SIGINT})
_WATCHED = _STOP | {signal.SIGCHLD}
_PDEATHSIG = 1
STEADY = timedelta(seconds=5)
"""A child that ends sooner than this after its start would not stay up a second time either."""
PATIENCE = timedelta(seconds=30)
"""How long draining may take before what is left is killed."""
_fork = multiprocessing.get_context("fork")
log = logging.getLogger(__name__)


def belong_to_parent() -> None:
    """Be asked to end by the parent alone, and die with it where it is killed (prctl(2)).

    In a process group of its own: what a terminal or ``timeout`` sends to the whole group would
    come a second time from the parent, and a worker that is asked twice may never end.
    """
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


def supervise(jobs: Mapping[str, Job], *, steady: timedelta = STEADY) -> int:
    """Run each job in a child process until a signal says stop; the exit status for this process.

    A child that ends is started again; one that does not stay up brings all down, status 1.
    Call it from a main thread that is alone in its process.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    children = {name: _Child(name, job) for name, job in jobs.items()}
    try:
        return _watch(children, steady)
    finally:
        _drain(children)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def run_apart(job: Job) -> bool:
    """Do the job in a child process, so that no thread of it stays here; whether it went well."""
    process = _fork.Process(target=job)
    process.start()
    process.join()
    return process.exitcode == 0


class _Child:
    """One job and the process that does it now."""

    def __init__(self, name: str, job: Job) -> None:
        self.name = name
        self._job = job
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        self.process: BaseProcess = _fork.Process(
            target=_work, args=(self._job, os.getpid()), name=self.name
        )
        self.process.start()

    def is_steady(self, steady: timedelta) -> bool:
        return time.monotonic() - self.started >= steady.total_seconds()


def _work(job: Job, parent: int) -> None:
    belong_to_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
    if os.getppid() == parent:  # Otherwise it died before we asked to be told.
        job()


def _watch(children: Mapping[str, _Child], steady: timedelta) -> int:
    while signal.sigwait(_WATCHED) not in _STOP:
        for child in children.values():
            if child.process.exitcode is None:
                continue
            log.error("%s ended with status %s", child.name, child.process.exitcode)
            if not child.is_steady(steady):
                return 1
            child.start()
    return 0


def _drain(children: Mapping[str, _Child]) -> None:
    """Ask every child to finish what it has begun, and wait; a second signal ends the patience."""
    processes = [child.process for child in children.values()]
    deadline = time.monotonic() + PATIENCE.total_seconds()
    for process in processes:
        process.terminate()
    while any(process.exitcode is None for process in processes):
        left = deadline - time.monotonic()
        received = signal.sigtimedwait(_WATCHED, max(left, 0))
        if received is None or received.si_signo in _STOP:
            for process in processes:
                process.kill()
