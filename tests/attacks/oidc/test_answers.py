"""Answers from somebody else, for somebody else, or brought twice."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.authentication.federation.connections import Connections
from idp.authentication.models import SessionRecord
from idp.foundation.clock import shifted
from tests.federated import Federated, is_at_portal
from tests.oidc_upstream import Upstream
from tests.provider import Provider


@pytest.mark.parametrize("iss", [None, "https://other.example"])
def test_an_answer_that_does_not_say_who_it_is_from_is_a_mix_up(
    kuusela: Federated, iss: str | None
) -> None:
    """RFC 9207: the upstream promises iss, so an answer without it is not its own."""
    browser = kuusela.provider.browser()
    page = browser.open(kuusela.upstream.sign_in(kuusela.depart(browser), iss=iss))
    assert "data-reason>answer_issuer_mismatch<" in page.text
    assert "/token" not in kuusela.upstream.calls


def test_an_answer_at_another_connections_callback_counts_nowhere(
    kuusela: Federated, provider: Provider
) -> None:
    """A callback path per connection; an attempt is one connection's alone."""
    with Upstream().running() as other:
        hus = Federated(provider, other, "hus")
        browser = provider.browser()
        answer = kuusela.upstream.sign_in(kuusela.depart(browser))
        page = browser.get(answer.replace(kuusela.path, hus.path))
        assert not page.cookies
        assert other.calls == []
    assert kuusela.count(SessionRecord) == 0


def test_an_answer_counts_only_in_the_browser_that_asked(kuusela: Federated) -> None:
    """Login CSRF: somebody else's answer, sent as a link."""
    answer = kuusela.upstream.sign_in(kuusela.depart(kuusela.provider.browser()))
    victim = kuusela.provider.browser()
    victim.open("/login")
    page = victim.open(answer)
    assert "data-reason>other_browser<" in page.text
    assert kuusela.count(SessionRecord) == 0


def test_an_answer_counts_once_after_redis_was_flushed_and_on_another_node_too(
    kuusela: Federated,
) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser))
    assert is_at_portal(browser.open(answer), "kuusela")
    kuusela.provider.deployment.parts.ephemeral.delete()
    parts = kuusela.provider.deployment.parts
    Connections(parts.database, parts.ephemeral, parts.keyring).changed()
    browser.cookies.delete(parts.cookies.session)
    asked = kuusela.upstream.calls.count("/token")
    assert "data-reason>attempt_used<" in browser.open(answer).text
    assert kuusela.upstream.calls.count("/token") == asked
    assert kuusela.count(SessionRecord) == 1


@pytest.mark.parametrize("state", ["", "invented", "\x00", "x" * 5000, "../../etc"])
def test_an_invented_state_asks_the_upstream_nothing(kuusela: Federated, state: str) -> None:
    page = kuusela.provider.browser().get(
        f"{kuusela.path}/callback", params={"code": "c", "state": state}
    )
    assert page.status_code in (400, 403)
    assert kuusela.upstream.calls == []


def test_a_parameter_given_twice_is_refused(kuusela: Federated) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser)) + "&code=another"
    assert "data-reason>answer_incomplete<" in browser.open(answer).text


def test_a_code_injected_into_another_browsers_answer_is_refused(kuusela: Federated) -> None:
    """PKCE and nonce: a stolen code is worth nothing in the thief's browser."""
    stolen = kuusela.upstream.sign_in(kuusela.depart(kuusela.provider.browser()))
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    thief = kuusela.provider.browser()
    page = thief.open(kuusela.upstream.sign_in(kuusela.depart(thief), code=code))
    assert "data-reason>code_refused<" in page.text


def test_an_answer_too_late_is_not_taken(kuusela: Federated) -> None:
    browser = kuusela.provider.browser()
    answer = kuusela.upstream.sign_in(kuusela.depart(browser))
    with shifted(timedelta(minutes=31)):
        assert browser.get(answer).status_code in (303, 403)
    assert "/token" not in kuusela.upstream.calls
