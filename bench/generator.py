"""The load generator: visitors on keep-alive connections in one thread, each awaiting one answer.

An epoll loop over bytes rather than a client library, because the server's core has to be the limit
and not ours; each round tells how busy this process was.
"""

import gc
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.errors import BenchError
from bench.message import Response, parse
from bench.steps import Story

CHUNK = 65536
PATIENCE = 30.0
"""Seconds without any answer after which a run is given up."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a round did: seconds of each finished turn, in all, and of this process's own CPU."""

    turns: list[float]
    wall: float
    generator_cpu: float


class _Seat:
    """One connection and the story that goes on over it."""

    def __init__(self, address: tuple[str, int], number: int) -> None:
        # Each in a network of its own: what one network may do is limited, and rightly.
        self.socket = socket.create_connection(address, source_address=(f"127.0.{number}.1", 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received = b""
        self.begun = 0.0
        self.story: Story[None]

    def begin(self, story: Story[None]) -> bool:
        """Start ``story``; tell whether it waits for an answer."""
        self.story = story
        self.begun = time.perf_counter()
        request = next(story, None)
        if request is not None:
            self.socket.sendall(request)
        return request is not None

    def go_on(self) -> bool:
        """Read what came; tell whether the story has ended by it."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise BenchError("the server closed a keep-alive connection")
        response = parse(self.received + data if self.received else data)
        if response is None:
            self.received += data
            return False
        self.received = b""
        return self._tell(response)

    def _tell(self, response: Response) -> bool:
        try:
            self.socket.sendall(self.story.send(response))
        except StopIteration:
            return True
        return False


class Hall:
    """All connections of one round; a context manager that closes them."""

    def __init__(self, address: tuple[str, int], seats: int) -> None:
        self._seats = [_Seat(address, number) for number in range(seats)]
        self._by_descriptor = {seat.socket.fileno(): seat for seat in self._seats}
        self._epoll = select.epoll()
        for descriptor in self._by_descriptor:
            self._epoll.register(descriptor, select.EPOLLIN)

    def __enter__(self) -> "Hall":
        return self

    def __exit__(self, *_: object) -> None:
        self._epoll.close()
        for seat in self._seats:
            seat.socket.close()

    def once(self, stories: Sequence[Story[None]]) -> None:
        """Let each seat live through its story."""
        waiting = sum(seat.begin(story) for seat, story in zip(self._seats, stories, strict=True))
        while waiting:
            waiting -= sum(seat.go_on() for seat in self._answered())

    def load(self, tell: Callable[[int], Story[None]], seconds: float) -> Load:
        """Let seat number n live through one ``tell(n)`` after another for ``seconds``.

        What is begun by then is finished and counted.
        """
        tellers = {seat: number for number, seat in enumerate(self._seats)}
        turns: list[float] = []
        gc.collect()
        gc.disable()
        cpu, start = time.process_time(), time.perf_counter()
        until = start + seconds
        for seat, number in tellers.items():
            seat.begin(tell(number))
        waiting = len(tellers)
        while waiting:
            for seat in self._answered():
                if seat.go_on():
                    now = time.perf_counter()
                    turns.append(now - seat.begun)
                    if now < until:
                        seat.begin(tell(tellers[seat]))
                    else:
                        waiting -= 1
        wall, busy = time.perf_counter() - start, time.process_time() - cpu
        gc.enable()
        return Load(turns=turns, wall=wall, generator_cpu=busy)

    def _answered(self) -> list[_Seat]:
        ready = self._epoll.poll(PATIENCE)
        if not ready:
            raise BenchError(f"no answer within {PATIENCE:.0f} s")
        return [self._by_descriptor[descriptor] for descriptor, _ in ready]


def converse(address: tuple[str, int], story: Story[None]) -> None:
    """Live through one story on a connection of its own."""
    with Hall(address, 1) as hall:
        hall.once([story])
