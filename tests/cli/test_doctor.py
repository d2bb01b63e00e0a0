"""The doctor: each trouble is found, told with its cure, and makes the exit status 1."""

import json
import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from email_validator import EmailUndeliverableError

from idp.cli.doctor.mail import check_sender
from idp.cli.doctor.settings import check_settings
from idp.cli.doctor.stores import check_clock
from idp.config import Settings, load
from idp.foundation import clock
from idp.foundation.database import Database
from idp.foundation.outbox import put
from idp.serving.store import opened
from tests.cli.conftest import Commands
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import RedisDatabase
from tests.servers.smtp import SmtpServer


def examine(idp: Commands) -> dict[str, Any]:
    ran = idp.run("doctor", "--json")
    result: dict[str, Any] = json.loads(ran.stdout)
    assert ran.exit_code == (1 if result["errors"] else 0)
    return result


def told(idp: Commands, about: str) -> list[tuple[str, str]]:
    """What is said of one thing: severity and text."""
    return [
        (finding["severity"], finding["text"])
        for finding in examine(idp)["findings"]
        if finding["about"] == about
    ]


def configure(idp: Commands, text: str) -> None:
    idp.config.write_text(f'issuer = "http://localhost:8000"\n{text}')
    idp.config.chmod(0o600)


def test_a_new_installation_has_nothing_wrong(idp: Commands) -> None:
    assert examine(idp)["errors"] == 0


def test_every_finding_that_is_not_fine_has_a_cure(idp: Commands) -> None:
    idp.config.chmod(0o644)
    findings = examine(idp)["findings"]
    assert {finding["severity"] for finding in findings} == {"ok", "warning"}
    assert all(bool(each["cure"]) == (each["severity"] != "ok") for each in findings)


def test_people_read_the_cure_under_the_trouble(idp: Commands) -> None:
    (idp.folder / "idp.db").chmod(0o644)
    ran = idp.run("doctor")
    assert ran.exit_code == 1
    lines = ran.stdout.splitlines()
    trouble = next(number for number, line in enumerate(lines) if "ERROR" in line)
    assert "others may read" in lines[trouble]
    assert lines[trouble + 1].strip() == f"→ chmod 600 {idp.folder / 'idp.db'}"


def test_a_database_that_is_not_there_is_found_and_not_made(idp: Commands) -> None:
    (idp.folder / "idp.db").unlink()
    assert told(idp, "database") == [("error", f"{idp.folder / 'idp.db'} is not there")]
    assert not (idp.folder / "idp.db").exists()


def test_a_database_out_of_reach_is_found(idp: Commands) -> None:
    port = free_port()
    configure(idp, f'[database]\nurl = "postgresql+psycopg://x:secret@127.0.0.1:{port}/idp"')
    ((severity, text),) = told(idp, "database")
    assert severity == "error"
    assert "refused" in text
    assert "secret" not in idp.run("doctor").output


def test_an_unknown_schema_is_found(idp: Commands) -> None:
    with opened(load(idp.config, environ={})) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    (finding,) = (each for each in examine(idp)["findings"] if each["about"] == "database")
    assert finding["severity"] == "error"
    assert finding["cure"].startswith("Install the version")


def test_a_key_that_others_may_read_is_found(idp: Commands) -> None:
    (path,) = (idp.folder / "keys").glob("*.key")
    path.chmod(0o644)
    findings = {each["about"]: each for each in examine(idp)["findings"]}
    assert findings[f"keys.directory ({path})"]["severity"] == "error"


def test_keys_that_do_not_open_the_signing_keys_are_found(idp: Commands) -> None:
    (path,) = (idp.folder / "keys").glob("*.key")
    path.rename(path.with_name("another.key"))
    ((severity, text),) = told(idp, "signing keys")
    assert (severity, text) == (
        "error",
        "they are sealed under a key that is not in keys.directory",
    )


def test_signing_keys_that_nobody_rotates_are_found(idp: Commands) -> None:
    with clock.shifted(timedelta(days=200)):
        assert {severity for severity, _ in told(idp, "signing keys")} == {"warning"}


def test_mails_that_do_not_leave_are_found(idp: Commands) -> None:
    with opened(load(idp.config, environ={})) as engine, Database(engine).transaction() as tx:
        put(tx, "tea", {})
    assert told(idp, "outbox") == [("ok", "1 wait to be sent")]
    with clock.shifted(timedelta(minutes=11)):
        assert told(idp, "outbox") == [("error", "1 wait to be sent, the oldest for 11 minutes")]


def test_a_mail_server_is_greeted_and_gets_no_mail(idp: Commands, smtp: SmtpServer) -> None:
    configure(idp, f'[mail]\nurl = "{smtp.url}"')
    assert told(idp, "mail.url") == [("ok", f"127.0.0.1:{smtp.port} takes us")]
    assert smtp.deliveries() == []
    smtp.stop()
    ((severity, text),) = told(idp, "mail.url")
    assert severity == "error"
    assert "refused" in text


def test_redis_is_asked(idp: Commands, redis_server: RedisDatabase) -> None:
    configure(idp, f'[redis]\nurl = "{redis_server.url}"\n[mail]\nurl = "file:mail"')
    assert told(idp, "redis") == [("ok", "it answers")]
    configure(idp, f'[redis]\nurl = "redis://127.0.0.1:{free_port()}"\n[mail]\nurl = "file:mail"')
    ((severity, _),) = told(idp, "redis")
    assert severity == "error"


GOOD = {
    "issuer": "https://id.kunta.fi",
    "support_contact": "tuki@kunta.fi",
    "server": {"trusted_proxies": ["127.0.0.1/32"]},
    "mail": {"sender": "noreply@kunta.fi"},
}


def test_good_settings_are_fine() -> None:
    (finding,) = check_settings(Settings.model_validate(GOOD), None)
    assert finding.severity == "ok"


@pytest.mark.parametrize(
    ("change", "about", "severity"),
    [
        ({"issuer": "http://localhost:8000"}, "issuer", "warning"),
        ({"support_contact": "tuki@example.fi"}, "support_contact", "error"),
        ({"mail": {"sender": "a@b.example"}}, "mail.sender", "error"),
        ({"mail": {"sender": "a@kunta.fi", "url": "file:mail"}}, "mail.url", "warning"),
        ({"server": {"trusted_proxies": []}}, "server.trusted_proxies", "warning"),
        ({"server": {"trusted_proxies": ["0.0.0.0/0"]}}, "server.trusted_proxies", "error"),
        (
            {"server": {"trusted_proxies": ["10.0.0.1"], "bind": "0.0.0.0:8000"}},
            "server.bind",
            "warning",
        ),
        ({"server": {"trusted_proxies": ["10.0.0.1"], "workers": 2}}, "redis.url", "warning"),
        ({"registration": {"mode": "open"}}, "registration.mode", "error"),
        ({"passwords": {"minimum_length": 8}}, "passwords.minimum_length", "warning"),
        ({"passwords": {"argon2_memory": 8}}, "passwords.argon2_memory", "error"),
    ],
)
def test_a_risky_setting_is_found(change: dict[str, Any], about: str, severity: str) -> None:
    findings = list(check_settings(Settings.model_validate({**GOOD, **change}), None))
    assert [(each.about, each.severity) for each in findings] == [(about, severity)]


def test_a_configuration_file_that_everybody_may_read_is_found(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.touch(mode=0o600)
    path.chmod(0o604)
    (finding,) = check_settings(Settings.model_validate(GOOD), path)
    assert (finding.about, finding.severity) == (str(path), "warning")


def test_an_installation_on_each_store_has_nothing_wrong(
    tmp_path: Path, empty_database: str
) -> None:
    idp = Commands(tmp_path)
    configure(idp, f'[mail]\nurl = "file:mail"\n[database]\nurl = "{empty_database}"')
    idp("init")
    assert examine(idp)["errors"] == 0


def test_a_database_without_a_schema_is_found(tmp_path: Path, empty_database: str) -> None:
    idp = Commands(tmp_path)
    configure(idp, f'[mail]\nurl = "file:mail"\n[database]\nurl = "{empty_database}"')
    if empty_database.startswith("sqlite"):
        (tmp_path / "idp.db").touch(mode=0o600)
    cures = {each["about"]: each["cure"] for each in examine(idp)["findings"]}
    assert cures["database"] == "idp init"


def test_an_old_schema_is_found(idp: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.migrations.schema._versions", lambda: ["0002", "0001"])
    cures = {each["about"]: each["cure"] for each in examine(idp)["findings"]}
    assert cures["database"] == "idp migrate"


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_is_off_is_found(postgresql: PostgreSQL, away: timedelta) -> None:
    engine = sa.create_engine(postgresql.url("postgres"))
    (finding,) = check_clock(engine)
    assert finding.severity == "ok"
    with clock.shifted(away):
        (finding,) = check_clock(engine)
    engine.dispose()
    assert (finding.severity, finding.text) == (
        "warning",
        "ours and the database's differ by 3600 s",
    )


@pytest.mark.parametrize(
    ("free", "severity"), [(50, "error"), (500, "warning"), (5000, "ok")], ids=str
)
def test_a_disk_that_fills_up_is_found(
    idp: Commands, monkeypatch: pytest.MonkeyPatch, free: int, severity: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free * 1024**2))
    assert [each for each, _ in told(idp, "database.url")] == [severity]


def test_a_folder_that_cannot_be_written_to_is_found(
    idp: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _path, mode: mode != os.W_OK)
    assert [each for each, _ in told(idp, "database.url")] == ["error"]


def test_a_folder_that_others_may_list_is_found(idp: Commands) -> None:
    (idp.folder / "keys").chmod(0o755)
    assert ("warning", f"others may list it: {idp.folder / 'keys'}") in told(idp, "keys.directory")


def test_a_mail_server_that_takes_no_password_safely_gets_none(
    idp: Commands, smtp: SmtpServer
) -> None:
    configure(idp, f'[mail]\nurl = "smtp://idp:secret@127.0.0.1:{smtp.port}"')
    ((severity, text),) = told(idp, "mail.url")
    assert severity == "error"
    assert "STARTTLS" in text
    assert "secret" not in idp.run("doctor").output


def test_a_mail_address_that_cannot_be_meant_is_found(idp: Commands) -> None:
    configure(idp, '[mail]\nurl = "smtp://mail.kunta.fi:port"')
    assert [each for each, _ in told(idp, "mail.url")] == ["error"]


def test_a_sender_nobody_can_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(address: str, **_options: object) -> None:
        raise EmailUndeliverableError("The domain name kunta.fi does not exist.")

    monkeypatch.setattr("idp.cli.doctor.mail.validate_email", asked)
    (finding,) = check_sender(Settings.model_validate(GOOD))
    assert (finding.severity, finding.text) == (
        "warning",
        "The domain name kunta.fi does not exist.",
    )
    monkeypatch.setattr("idp.cli.doctor.mail.validate_email", lambda *_, **__: None)
    assert list(check_sender(Settings.model_validate(GOOD))) == []
