"""The servers do what fault tests count on: they keep their address, and they never outlive us."""

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from playwright.sync_api import Browser

from tests.servers.postgresql import PostgreSQLServer
from tests.servers.process import PATIENCE, Process, ServerFailed, descendants
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer

ROOT = Path(__file__).parents[2]

ORPHAN = """
import sys
from tests.servers.{module} import {name}
with {name}() as server:
    print(server.process.pid, server.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgreSQLServer]:
    with PostgreSQLServer() as server:
        yield server


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_database_made_from_a_template_holds_its_rows(cluster: PostgreSQLServer) -> None:
    template = cluster.create_database("template")
    query(template, "CREATE TABLE fact (value int)")
    query(template, "INSERT INTO fact VALUES (7)")

    copy = cluster.create_database("copy", template="template")

    assert query(copy, "SELECT value FROM fact") == [(7,)]


def test_a_dropped_database_is_gone_although_somebody_uses_it(cluster: PostgreSQLServer) -> None:
    url = cluster.create_database("used")
    with psycopg.connect(url.replace("+psycopg", "")) as user:
        cluster.drop_database("used")
        with pytest.raises(psycopg.OperationalError):
            user.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        query(url, "SELECT 1")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_postgresql_comes_back_at_its_address_with_what_was_committed(
    cluster: PostgreSQLServer, end: str
) -> None:
    url = cluster.create_database(f"committed_{end}")
    query(url, "CREATE TABLE fact (value int)")

    getattr(cluster, end)()
    with pytest.raises(psycopg.OperationalError):
        query(url, "SELECT 1")
    cluster.start()

    assert query(url, "SELECT count(*) FROM fact") == [(0,)]


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_postgresql_is_durable_unless_told_otherwise(durable: bool, fsync: str) -> None:
    with PostgreSQLServer(durable=durable) as server:
        assert query(server.url("postgres"), "SHOW fsync") == [(fsync,)]


def test_redis_comes_back_at_its_address_and_empty() -> None:
    with RedisServer() as server, redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
        server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("key")

        server.start()

        assert client.get("key") is None


def test_workers_of_one_redis_do_not_see_each_others_keys() -> None:
    with RedisServer() as server:
        mine, yours = server.database(1), server.database(2)
        with redis.Redis.from_url(mine.url) as client:
            client.set("key", "value")
            yours.empty()
            assert client.get("key") == b"value"
            mine.empty()
            assert client.get("key") is None


@pytest.mark.parametrize(
    ("module", "name"), [("postgresql", "PostgreSQLServer"), ("redis", "RedisServer")]
)
def test_a_server_dies_with_the_tests_that_started_it(module: str, name: str) -> None:
    program = [sys.executable, "-c", ORPHAN.format(module=module, name=name)]
    with subprocess.Popen(
        program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout
        pid, folder = tests.stdout.readline().split()
        assert eventually(lambda: is_running(pid) and Path(folder).exists())
        tests.kill()

    assert eventually(lambda: not is_running(pid) and not Path(folder).exists())


def test_killing_a_process_takes_all_it_has_started(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "sh -c 'sleep 600 & wait' & wait"], log=tmp_path / "log")
    assert eventually(lambda: len(descendants(process.pid)) == 2)
    family = [process.pid, *descendants(process.pid)]

    process.kill()

    assert eventually(lambda: not any(is_running(str(pid)) for pid in family))


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo the disk is full; exit 3"], log=tmp_path / "log")
    with pytest.raises(ServerFailed, match=r"ended with 3:\nthe disk is full"):
        process.wait_until(lambda: False)


def eventually(fact: Callable[[], bool]) -> bool:
    """Whether ``fact`` comes true within a time that no busy machine needs."""
    deadline = time.monotonic() + PATIENCE
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.02)
    return fact()


def is_running(pid: str) -> bool:
    """Whether ``pid`` lives; a process that nobody has waited for yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def send(server: SmtpServer, recipient: str, body: str = "Subject: Terve\n\nHei") -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.sendmail("from@example.fi", recipient, body)


def test_a_mail_is_kept_with_its_envelope(smtp: SmtpServer) -> None:
    send(smtp, "aino@example.fi")
    send(smtp, "eino@example.fi")

    [delivery] = smtp.wait_for("aino@example.fi")

    assert (delivery.sender, delivery.recipients) == ("from@example.fi", ("aino@example.fi",))
    assert delivery.message["subject"] == "Terve"
    assert delivery.text.strip() == "Hei"
    assert len(smtp.deliveries()) == 2


def test_a_recipient_is_refused_with_the_reply_set_for_it(smtp: SmtpServer) -> None:
    smtp.replies["nobody@example.fi"] = "550 5.1.1 No such user"

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(smtp, "nobody@example.fi")

    assert refusal.value.recipients == {"nobody@example.fi": (550, b"5.1.1 No such user")}
    assert smtp.deliveries() == []


def test_a_message_is_refused_with_the_reply_set_for_messages(smtp: SmtpServer) -> None:
    smtp.reply_to_data = "451 4.3.0 Try later"

    with pytest.raises(smtplib.SMTPDataError, match="Try later"):
        send(smtp, "aino@example.fi")

    assert smtp.deliveries() == []


def test_a_held_server_leaves_its_sender_waiting_and_keeps_nothing(smtp: SmtpServer) -> None:
    with smtp.held(), smtplib.SMTP("127.0.0.1", smtp.port, timeout=0.2) as client:
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            client.sendmail("from@example.fi", "aino@example.fi", "Subject: first")
    send(smtp, "aino@example.fi", "Subject: second")

    assert [each.message["subject"] for each in smtp.deliveries()] == ["second"]


def test_a_mail_server_that_was_away_comes_back_at_its_address(smtp: SmtpServer) -> None:
    url = smtp.url
    smtp.stop()
    with pytest.raises(ConnectionRefusedError):
        send(smtp, "aino@example.fi")

    smtp.start()
    send(smtp, "aino@example.fi")

    assert smtp.url == url
    assert len(smtp.deliveries()) == 1


def test_the_browser_shows_a_page(browser: Browser) -> None:
    with browser.new_context(locale="fi-FI") as context:
        page = context.new_page()
        page.set_content("<h1>Terve</h1>")
        assert page.get_by_role("heading").inner_text() == "Terve"
        assert page.evaluate("navigator.language") == "fi-FI"
