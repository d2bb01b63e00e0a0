"""PostgreSQL from Debian's package: a cluster of its own, and databases in it."""

import os
import shutil
import subprocess
from pathlib import Path
from signal import Signals

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers.ports import free_port
from tests.servers.process import Process, ServerFailed, privileges
from tests.servers.server import Server

SUPERUSER = "postgres"
"""The role in the cluster, and the system account it runs as: PostgreSQL refuses root."""

PROGRAMS = Path("/usr/lib/postgresql")

# Databases that nobody keeps need not survive a power cut.
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgreSQL:
    """A running server on this machine, as its users see it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of ``database``."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make the database ``name``, a copy of ``template`` if one is given; return its URL.

        Nobody may be connected to the template meanwhile.
        """
        self._execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
                Identifier(name), Identifier(template or "template0"), Identifier("file_copy")
            )
        )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove the database ``name``, whoever is connected to it."""
        self._execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, dbname="postgres", autocommit=True
        )

    def _execute(self, statement: psycopg.sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)


class PostgreSQLServer(Server, PostgreSQL):
    """A cluster of our own.

    ``durable`` False switches off what guards against power cuts: right for all tests but those of
    faults and figures.
    """

    def __init__(self, *, durable: bool = True) -> None:
        Server.__init__(self)
        PostgreSQL.__init__(self, free_port())
        self._durable = durable

    def launch(self) -> Process:
        """Run the server; an interrupt is its fast, clean end."""
        if not self._data.exists():
            self._create_cluster()
        process = Process(
            [program("postgres"), "-D", self._data, *self._settings()],
            log=self.folder / "log",
            user=SUPERUSER,
            stop_signal=Signals.SIGINT,
        )
        process.wait_until(self.is_ready)
        return process

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _settings(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            # A site's clock, so that nobody counts on a server that thinks in UTC.
            "timezone": "Europe/Helsinki",
        }
        if not self._durable:
            settings |= CARELESS
        return [f"--{name}={value}" for name, value in settings.items()]

    def _create_cluster(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, SUPERUSER, SUPERUSER)
        command: list[str | Path] = [
            *privileges(SUPERUSER),
            "--",
            program("initdb"),
            f"--pgdata={self._data}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerFailed(f"initdb: {done.stderr}")


def program(name: str) -> Path:
    """Where Debian keeps ``name`` of the newest PostgreSQL here."""
    found = sorted(PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise ServerFailed("PostgreSQL is missing; tests/servers/packages.sh installs it")
    return found[-1]
