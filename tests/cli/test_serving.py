"""The real processes: they answer, finish what they began, come back, and say how they ended."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.cli.conftest import SETTINGS, Commands
from tests.cli.started import Started, all_gone
from tests.servers.ports import free_port


@pytest.fixture
def port(metsola: Commands) -> int:
    """The port that the installation is configured to listen on."""
    port = free_port()
    settings = SETTINGS.replace(":8000", f":{port}")
    metsola.config.write_text(f'{settings}\n[server]\nbind = "127.0.0.1:{port}"\n')
    return port


@contextmanager
def running(idp: Commands, word: str, port: int) -> Iterator[Started]:
    """The command, once it answers."""
    with Started("--config", str(idp.config), word, folder=idp.folder) as started:
        started.until_answers(f"http://localhost:{port}/jwks")
        yield started


@pytest.mark.parametrize("word", ["serve", "web"])
def test_a_request_under_way_is_answered_before_the_end(
    metsola: Commands, port: int, word: str
) -> None:
    with (
        running(metsola, word, port) as started,
        closing(socket.create_connection(("127.0.0.1", port))) as connection,
    ):
        # "100 Continue" comes once the application reads the body: then it is under way.
        connection.sendall(
            f"POST /token HTTP/1.1\r\nHost: localhost:{port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        os.kill(started.pid, signal.SIGTERM)
        connection.sendall(b"grant_type=x")
        assert re.match(rb"HTTP/1\.1 40[01] ", connection.recv(10_000))
        assert started.wait() == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_after_the_end(metsola: Commands, port: int, how: signal.Signals) -> None:
    with running(metsola, "serve", port) as started:
        family = started.family()
        assert len(family) == 3  # The web, its worker, the delivery.
        status = started.end(how)
        assert status == (-signal.SIGKILL if how == signal.SIGKILL else 0)
        assert all_gone(family)


def test_after_a_kill_it_can_be_started_again_at_once(metsola: Commands, port: int) -> None:
    with running(metsola, "serve", port) as started:
        started.end(signal.SIGKILL)
    with running(metsola, "serve", port) as started:
        assert started.end() == 0


def test_a_worker_that_is_killed_comes_back(metsola: Commands, port: int) -> None:
    with running(metsola, "web", port) as started:
        (worker,) = started.family()
        os.kill(worker, signal.SIGKILL)
        assert all_gone([worker])
        started.until(lambda: bool(started.family()))
        started.until_answers(f"http://localhost:{port}/jwks")
        assert started.end() == 0


def test_a_port_that_is_taken_is_refused_in_one_line(metsola: Commands, port: int) -> None:
    with closing(socket.create_server(("127.0.0.1", port))):
        for word in ("serve", "web"):
            ran = metsola.run(word)
            assert ran.exit_code == 1
            assert ran.stderr == f"idp: cannot listen at 127.0.0.1:{port}: Address already in use\n"


def test_what_waits_is_delivered_and_the_log_is_sealed(metsola: Commands, port: int) -> None:
    mails = metsola.folder / "mail"
    with Started("--config", str(metsola.config), "deliver", folder=metsola.folder) as started:
        started.until(lambda: any(mails.glob("*.eml")))
        started.until(lambda: metsola("audit", "verify")["unsealed"] == 0)
        assert started.end() == 0
    (mail,) = mails.glob("*.eml")
    assert message_from_bytes(Path(mail).read_bytes())["To"] == "aino@metsola.example"


def test_without_a_schema_nothing_is_served(metsola: Commands, port: int) -> None:
    (metsola.folder / "idp.db").unlink()
    for word in ("serve", "web", "deliver"):
        assert "run 'idp init'" in metsola.run(word).stderr


def test_another_wsgi_server_finds_the_application(metsola: Commands) -> None:
    ask = (
        "from werkzeug.test import Client\n"
        "from idp.serving.wsgi import application\n"
        "print(Client(application).get('/health/live').status_code)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, "IDP_CONFIG": str(metsola.config)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "200\n"
