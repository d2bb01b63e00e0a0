"""A server that tests start, stop, kill and start again, with one folder for its life."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.folder import Folder
from tests.servers.process import Process, ServerFailed


class Server(ABC):
    """Runs within a ``with`` block; its folder goes when the block ends."""

    def __init__(self) -> None:
        self._folder = Folder(prefix=f"idp-{type(self).__name__.lower()}-")
        self._process: Process | None = None

    @property
    def folder(self) -> Path:
        """Where it keeps its data and its log."""
        return self._folder.path

    @abstractmethod
    def launch(self) -> Process:
        """Begin one run of the server; return it once it answers."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._folder.remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._folder.remove()

    @property
    def process(self) -> Process:
        """The run that is under way."""
        if self._process is None:
            raise ServerFailed("it does not run")
        return self._process

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = self.launch()

    def stop(self) -> None:
        """End it in its own time; nothing happens if it does not run."""
        if self._process and self._process.is_alive():
            self._process.stop()
        self._process = None

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self.process.kill()
        self._process = None
