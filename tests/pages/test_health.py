"""What load balancers and watchers are told: live, ready, degraded and why, and the figures."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from idp import create_app
from idp.audit import seal
from idp.foundation.clock import shifted, utcnow
from idp.foundation.outbox import put
from idp.foundation.outbox_models import OutboxItem
from idp.signing.models import SigningKey
from tests.pages import look
from tests.provider import Provider


def ready(provider: Provider) -> httpx.Response:
    return provider.browser().get("/health/ready")


def checks(provider: Provider) -> dict[str, str]:
    found: dict[str, str] = ready(provider).json()["checks"]
    return {name: condition for name, condition in found.items() if condition != "ok"}


def figures(provider: Provider) -> dict[str, float]:
    page = provider.browser().get("/metrics")
    assert page.status_code == 200
    return {
        ".".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def away(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    driver: Any = provider.database.engine.dialect.dbapi

    def refuse() -> Any:
        raise driver.OperationalError("gone")

    provider.database.close()
    monkeypatch.setattr(provider.database.engine, "raw_connection", refuse)


def test_a_process_that_answers_is_live(provider: Provider) -> None:
    answer = provider.browser().get("/health/live")

    assert answer.status_code == 200
    assert answer.json() == {"status": "live"}


def test_a_service_in_order_is_ready(provider: Provider) -> None:
    answer = ready(provider)

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {
            "audit": "ok",
            "database": "ok",
            "delivery": "ok",
            "keys": "ok",
            "outbox": "ok",
            "redis": "ok",
        },
    }


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_machines_are_answered_at_any_host_name(provider: Provider, path: str) -> None:
    answer = provider.browser().get(path, headers={"Host": "10.0.0.7:8000"})

    assert answer.status_code == 200


def test_without_the_database_nobody_is_sent_here(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    away(provider, monkeypatch)

    answer = ready(provider)

    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["database"] == "unreachable"
    assert answer.json()["checks"]["outbox"] == "unknown"
    assert provider.browser().get("/health/live").status_code == 200


def test_without_a_signing_key_nobody_is_sent_here(provider: Provider) -> None:
    with provider.database.transaction() as tx:
        tx.session.execute(update(SigningKey).values(removed_at=utcnow()))
    provider.deployment.parts.ephemeral.bump("signing")
    try:
        with shifted(timedelta(minutes=2)):
            answer = ready(provider)
    finally:
        with provider.database.transaction() as tx:
            tx.session.execute(update(SigningKey).values(removed_at=None))
        provider.deployment.parts.ephemeral.bump("signing")

    assert answer.status_code == 503
    assert answer.json()["checks"]["keys"] == "missing"


def test_without_redis_the_service_is_degraded_and_still_ready(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(provider.deployment.parts.ephemeral)
    monkeypatch.setattr(kind, "is_degraded", property(lambda _: True))

    answer = ready(provider)

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert checks(provider) == {"redis": "unreachable"}


def test_what_nobody_takes_up_for_a_minute_says_that_nobody_delivers(provider: Provider) -> None:
    with provider.database.transaction() as tx:
        put(tx, "anything", {})

    with shifted(timedelta(seconds=59)):
        assert checks(provider) == {}
    with shifted(timedelta(seconds=61)):
        assert checks(provider) == {"delivery": "absent"}


def test_deeds_unsealed_for_a_minute_say_that_nobody_delivers(provider: Provider) -> None:
    provider.organization()

    with shifted(timedelta(seconds=61)):
        assert checks(provider) == {"delivery": "absent"}
    with shifted(timedelta(minutes=6)):
        assert checks(provider) == {"delivery": "absent", "audit": "late"}
        seal(provider.database)
        assert checks(provider) == {}


def test_a_mail_that_is_tried_in_vain_for_a_quarter_of_an_hour_is_late(
    provider: Provider,
) -> None:
    with provider.database.transaction() as tx:
        put(tx, "anything", {})
        tx.session.execute(update(OutboxItem).values(attempts=5))

    with shifted(timedelta(minutes=14)):
        assert checks(provider) == {}
    with shifted(timedelta(minutes=16)):
        assert checks(provider) == {"outbox": "late"}


def test_the_figures_say_what_waits_who_is_signed_in_and_what_runs(provider: Provider) -> None:
    provider.organization()
    maija = provider.person(password=None)
    provider.deliver()
    with provider.database.transaction() as tx:
        put(tx, "anything", {})

    with shifted(timedelta(seconds=30)):
        found = figures(provider)

    assert maija.id
    assert found["idp_outbox_waiting"] == 1
    assert 30 <= found["idp_outbox_oldest_seconds"] < 60
    assert found["idp_sessions_live"] == 0
    assert found["idp_audit_records_total"] == 3
    assert found["idp_part_up.database"] == 1
    assert [name for name in found if name.startswith("idp_build_info.")]


def test_a_sign_in_is_counted_until_it_ends(provider: Provider) -> None:
    provider.organization()
    browser = provider.browser()
    browser.sign_in(provider.person())

    assert figures(provider)["idp_sessions_live"] == 1
    browser.post("/logout", data={"csrf_token": look.value(browser.open("/account"), "csrf_token")})
    assert figures(provider)["idp_sessions_live"] == 0


def test_the_figures_go_on_without_the_database(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    away(provider, monkeypatch)

    found = figures(provider)

    assert found["idp_part_up.database"] == 0
    assert "idp_sessions_live" not in found


@pytest.mark.parametrize(
    ("remote_addr", "forwarded", "status"),
    [
        ("127.0.0.1", None, 200),
        ("::1", None, 200),
        ("198.51.100.7", None, 404),
        ("127.0.0.1", "198.51.100.7", 404),
        ("198.51.100.7", "127.0.0.1", 404),
    ],
)
def test_the_figures_are_for_this_machine_alone(
    provider: Provider, remote_addr: str, forwarded: str | None, status: int
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    transport = httpx.WSGITransport(app=provider.app, remote_addr=remote_addr)

    with httpx.Client(transport=transport, base_url="http://10.0.0.7:8000") as client:
        answer = client.get("/metrics", headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("forwarded", "status"), [(None, 200), ("192.0.2.9", 200), ("198.51.100.7", 404)]
)
def test_the_figures_are_for_our_own_proxies_too(
    provider: Provider, forwarded: str | None, status: int
) -> None:
    server = provider.settings.server.model_copy(update={"trusted_proxies": ("192.0.2.0/24",)})
    behind_proxy = create_app(provider.settings.model_copy(update={"server": server}))
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    transport = httpx.WSGITransport(app=behind_proxy, remote_addr="192.0.2.1")

    with httpx.Client(transport=transport, base_url="http://10.0.0.7:8000") as client:
        assert client.get("/metrics", headers=headers).status_code == status
    behind_proxy.extensions["idp"].parts.database.close()
