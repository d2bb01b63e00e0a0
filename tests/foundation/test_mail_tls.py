"""TLS towards mail servers, and who gets to see our password."""

from pathlib import Path

import pytest

from idp.foundation.outbox import Retry
from tests.foundation.mail_servers import PASSWORD, USERNAME, Received, certificate, serving
from tests.foundation.mailing import mailer, message
from tests.servers.ports import free_port


def test_tls_is_used_where_it_is_offered_even_with_an_unknown_certificate(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    port = free_port()

    with serving(Received(), port, tls_context=context) as received:
        mailer(f"smtp://127.0.0.1:{port}").send(message(), item_id="1")

    assert received.was_encrypted == [True]


def test_the_password_goes_only_to_a_server_that_proves_its_name(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    port = free_port()
    url = f"smtp://laatu%20portti:p%3Ass%2Fw%40rd@127.0.0.1:{port}"
    received = Received()

    with serving(
        received, port, tls_context=context, authenticator=received.authenticate, auth_required=True
    ):
        with pytest.raises(Retry):
            mailer(url).send(message(), item_id="1")
        assert received.logins == []
        mailer(url, ca_file=str(trusted)).send(message(), item_id="1")

    assert received.logins == [(USERNAME.encode(), PASSWORD.encode())]
    assert received.was_encrypted == [True]


def test_the_password_does_not_go_to_a_server_without_tls() -> None:
    port = free_port()
    received = Received()

    with (
        serving(received, port, authenticator=received.authenticate, auth_require_tls=False),
        pytest.raises(Retry, match="undelivered") as trouble,
    ):
        mailer(f"smtp://user:secret@127.0.0.1:{port}").send(message(), item_id="1")

    assert received.logins == []
    assert received.contents == []
    assert "STARTTLS" in trouble.value.problem


def test_a_wrong_password_is_our_trouble_and_nobodys_bounce(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    port = free_port()
    received = Received()

    with (
        serving(received, port, tls_context=context, authenticator=received.authenticate),
        pytest.raises(Retry) as trouble,
    ):
        mailer(f"smtp://user:secret@127.0.0.1:{port}", ca_file=str(trusted)).send(
            message(), item_id="1"
        )

    assert trouble.value.problem.startswith("535")
    assert "secret" not in trouble.value.problem


def test_smtps_speaks_tls_from_the_first_byte_to_a_server_that_proves_its_name(
    tmp_path: Path,
) -> None:
    context, trusted = certificate(tmp_path)
    port = free_port()
    url = f"smtps://127.0.0.1:{port}"

    with serving(Received(), port, ssl_context=context) as received:
        with pytest.raises(Retry):
            mailer(url).send(message(), item_id="1")
        mailer(url, ca_file=str(trusted)).send(message(), item_id="1")

    assert len(received.contents) == 1
