"""A server's process: it dies with its parent, and says what its log says when it cannot start."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import Signals

PATIENCE = 60.0
"""Seconds a server may take to start or stop on a busy machine."""


class ServerFailed(Exception):
    """A server ended, or did not get ready; the message holds the end of its log."""


class Process:
    """One run of ``command``, its output in the file ``log``.

    ``user`` is the account it runs as where we are root. ``stop_signal`` asks it to end;
    it is sent too when the thread that started it ends in any way (prctl(2), PDEATHSIG).
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        user: str | None = None,
        stop_signal: Signals = Signals.SIGTERM,
    ) -> None:
        self._log = log
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*privileges(user), f"--pdeathsig={stop_signal.name[3:]}", "--", *command],
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The server's process id: what it was started through has become the server itself."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Return once ``is_ready`` answers True; raise ServerFailed if the process ends before."""
        deadline = time.monotonic() + PATIENCE
        while not is_ready():
            if not self.is_alive():
                raise ServerFailed(f"ended with {self._process.returncode}:\n{self._last_words()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"not ready after {PATIENCE} s:\n{self._last_words()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ask it to end and wait until it has."""
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"did not stop:\n{self._last_words()}") from None

    def kill(self) -> None:
        """End it and all it has started at once, as a power cut would (SIGKILL)."""
        family = [self.pid, *descendants(self.pid)]
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait(PATIENCE)

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])


def privileges(user: str | None) -> list[str]:
    """The command that starts another one as ``user``; a plain account stays what it is."""
    if user is None or os.geteuid() != 0:
        return ["setpriv"]
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]


def descendants(pid: int) -> list[int]:
    """The processes that ``pid`` has started, and those that they have."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    children = [int(child) for child in listed.split()]
    return children + [each for child in children for each in descendants(child)]
