"""Supervision: what dies is started again, what cannot live ends all, a signal drains."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

from idp.serving.processes import run_apart, supervise
from tests.servers.process import PATIENCE

AT_ONCE = timedelta(0)
LATER = timedelta(hours=1)
fork = multiprocessing.get_context("fork")

Start = Callable[[Callable[[], None]], BaseProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    """Do something in a child process; whatever still runs at the end is killed."""
    begun: list[BaseProcess] = []

    def begin(target: Callable[[], None]) -> BaseProcess:
        process = fork.Process(target=target)
        process.start()
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.join()


class Line:
    """What jobs say, one after the other."""

    def __init__(self) -> None:
        self._ear, self._mouth = fork.Pipe(duplex=False)

    def say(self, word: Any) -> None:
        self._mouth.send(word)

    def hear(self) -> Any:
        """The next word; EOFError once nobody is left who could say one."""
        assert self._ear.poll(PATIENCE), "nobody said anything"
        return self._ear.recv()

    def only_hear(self) -> None:
        """Say nothing any more."""
        self._mouth.close()

    def stay(self) -> None:
        """A job that tells its process id and ends in order when it is asked to."""

        def drain(*_signal: object) -> None:
            self.say("drained")
            sys.exit()

        signal.signal(signal.SIGTERM, drain)
        self.say(os.getpid())
        while True:
            signal.pause()


@pytest.fixture
def line() -> Line:
    return Line()


def status(process: BaseProcess) -> int | None:
    process.join(PATIENCE)
    return process.exitcode


def send(process: BaseProcess, how: signal.Signals) -> None:
    os.kill(process.pid or 0, how)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_the_children_and_ends_with_0(
    start: Start, line: Line, how: signal.Signals
) -> None:
    supervisor = start(lambda: sys.exit(supervise({"stays": line.stay})))
    child = line.hear()
    send(supervisor, how)
    assert line.hear() == "drained"
    assert status(supervisor) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_child_that_is_killed_is_started_again(start: Start, line: Line) -> None:
    supervisor = start(lambda: sys.exit(supervise({"stays": line.stay}, steady=AT_ONCE)))
    first = line.hear()
    os.kill(first, signal.SIGKILL)
    assert line.hear() != first
    send(supervisor, signal.SIGTERM)
    assert status(supervisor) == 0


def test_a_child_that_does_not_stay_up_brings_all_down(start: Start, line: Line) -> None:
    def die_once_the_other_is_up() -> None:
        line.hear()
        sys.exit(3)

    jobs = {"stays": line.stay, "dies": die_once_the_other_is_up}
    supervisor = start(lambda: sys.exit(supervise(jobs, steady=LATER)))
    assert status(supervisor) == 1
    assert line.hear() == "drained"


def test_children_die_with_a_supervisor_that_is_killed(start: Start, line: Line) -> None:
    supervisor = start(lambda: sys.exit(supervise({"stays": line.stay})))
    line.hear()
    line.only_hear()
    send(supervisor, signal.SIGKILL)
    with pytest.raises(EOFError):
        line.hear()


def test_what_a_terminal_sends_to_all_does_not_reach_a_child(start: Start, line: Line) -> None:
    supervisor = start(lambda: sys.exit(supervise({"stays": line.stay})))
    child = line.hear()
    # Ctrl-C goes to the process group in the foreground (termios(3), ISIG).
    assert os.getpgid(child) == child
    send(supervisor, signal.SIGTERM)


def test_a_second_signal_ends_the_patience(start: Start, line: Line) -> None:
    def never_end() -> None:
        signal.signal(signal.SIGTERM, lambda *_: line.say("not yet"))
        line.say(os.getpid())
        while True:
            signal.pause()

    supervisor = start(lambda: sys.exit(supervise({"never": never_end})))
    line.hear()
    send(supervisor, signal.SIGTERM)
    assert line.hear() == "not yet"
    send(supervisor, signal.SIGTERM)
    assert status(supervisor) == 0


def test_what_is_done_apart_leaves_no_thread_here() -> None:
    def leave_a_thread() -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()

    before = threading.active_count()
    assert run_apart(leave_a_thread)
    assert threading.active_count() == before


def test_what_is_done_apart_tells_whether_it_went_well() -> None:
    assert not run_apart(lambda: sys.exit(1))
