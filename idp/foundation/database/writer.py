"""SQLite's one writer: our threads take turns, and those who come together commit together.

A commit waits for the disk, so whoever finds others waiting for their turn leaves theirs open: the
last one commits for all, and nobody goes on before that. Each is undone alone where it fails.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from idp.errors import Unavailable
from idp.foundation.database.connections import Connections, Held
from idp.foundation.turns import given_up, waited_for


class Writer:
    """Gives out turns; threads queue here instead of polling SQLite's lock."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._writing = threading.Lock()
        self._coming: deque[None] = deque()
        self._batch: _Batch | None = None

    @contextmanager
    def unit(self) -> Iterator[Held]:
        """One unit of work, on disk at the end of the block or undone by any exception in it."""
        self._coming.append(None)
        # Whoever has the writer's turn may give up the request's, so nobody waits here with that.
        with waited_for(self._writing):
            self._coming.pop()
            batch = self._batch = self._batch or _Batch(self._connections)
            try:
                with batch.part():
                    yield batch.held
            finally:
                if batch.is_undone or not self._coming:
                    self._batch = None
                    batch.end()
        batch.wait()


class _Batch:
    """Units of work in one transaction of SQLite's."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._parts = 0
        self._ended = threading.Lock()
        self._error: BaseException | None = None
        self.is_undone = False
        """Whether the transaction is gone, with all that was in it."""
        self.held = connections.borrow()
        try:
            with given_up():
                self.held.execute("BEGIN IMMEDIATE")
        except BaseException:
            connections.undo(self.held)
            raise
        self._ended.acquire()

    @contextmanager
    def part(self) -> Iterator[None]:
        """One unit of work; only from the second on is there anything to guard from its failure."""
        execute, guarded = self.held.execute, self._parts > 0
        if guarded:
            execute("SAVEPOINT part")
        try:
            yield
        except BaseException as error:
            # SQLite itself rolls everything back where the disk is full or fails.
            if guarded and self.held.driver.in_transaction:
                execute("ROLLBACK TO part")
            else:
                self.is_undone, self._error = True, error
            raise
        if guarded:
            execute("RELEASE part")
        self._parts += 1

    def end(self) -> None:
        """Commit for all, unless it is undone, and let them go on."""
        try:
            if not self.is_undone:
                self.held.commit()
        except self.held.driver.Error as error:
            self._error = error
        finally:
            self._connections.undo(self.held)
            self._ended.release()

    def wait(self) -> None:
        """Go on once the commit is on disk; raise what became of it otherwise."""
        with waited_for(self._ended):
            if self._error:
                raise Unavailable from self._error
