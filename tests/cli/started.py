"""A command of ours as a process of its own: started, watched, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.servers.process import PATIENCE


class Started:
    """Runs within a ``with`` block; whatever is left at its end is killed."""

    def __init__(self, *words: str, folder: Path) -> None:
        self._log = folder / "started.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "idp.cli", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE)

    @property
    def pid(self) -> int:
        """The process id of the command itself."""
        return self._process.pid

    @property
    def said(self) -> str:
        """What it and its children have written so far."""
        return self._log.read_text(errors="replace")

    def family(self) -> list[int]:
        """Every process below the command's."""
        found: list[int] = []
        waiting = [self.pid]
        while waiting:
            below = children(waiting.pop())
            found += below
            waiting += below
        return found

    def until(self, is_so: Callable[[], bool]) -> None:
        """Return once ``is_so``; AssertionError where the command ends before, or it never is."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.01)

    def until_answers(self, *addresses: str) -> None:
        """Return once every address is answered from."""
        for address in addresses:
            self.until(lambda address=address: answers(address))  # type: ignore[misc]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait for the exit status."""
        os.kill(self.pid, how)
        return self.wait()

    def wait(self) -> int:
        """The exit status, once there is one."""
        return self._process.wait(PATIENCE)


def children(pid: int) -> list[int]:
    """The processes that this one has started and that are still there."""
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def answers(address: str) -> bool:
    """Whether somebody answers there, whatever they say."""
    try:
        httpx.get(address)
    except httpx.TransportError:
        return False
    return True


def is_running(pid: int) -> bool:
    """Whether the process is there and not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def all_gone(pids: list[int]) -> bool:
    """Whether none of them runs any more, within our patience."""
    deadline = time.monotonic() + PATIENCE
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_running, pids))
