"""What somebody tries with a ticket that is not theirs to use here; each is its own reason."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete

from idp.authentication.federation.models import SpentAnswer
from tests.federated import is_at_portal
from tests.kerberos.kdc import Kdc
from tests.kerberos.organization import SERVICE, Kerberized
from tests.provider import Provider

NTLM = bytes.fromhex("4e544c4d5353500001000000978208e2000000000000000000000000000000000a00")
NTLM_IN_SPNEGO = bytes.fromhex("601c06062b0601050502a0123010a00e300c060a2b06010401823702020a")
"""RFC 4178 section 4.2.1 with NTLM's object identifier as the only mechanism ([MS-NLMP] 1.9)."""


@pytest.fixture(scope="module")
def other_kdc() -> Iterator[Kdc]:
    with Kdc("MUU.EXAMPLE") as server:
        server.principal("aino.kuusela")
        server.principal(SERVICE, "-randkey")
        yield server


def refused(kuusela: Kerberized, token: bytes) -> str:
    answer = kuusela.arrive(kuusela.provider.browser(), token)
    assert answer.status_code == 403
    assert kuusela.people() == []
    return kuusela.reason()


@pytest.mark.parametrize("token", [NTLM, NTLM_IN_SPNEGO])
def test_ntlm_is_refused_by_its_own_name(kuusela: Kerberized, token: bytes) -> None:
    assert refused(kuusela, token) == "kerberos_ntlm"


@pytest.mark.parametrize(
    "token", [b"x", b"\x60\x80\x00\x00", b"\x60\x03\x06\x01\x00", b"\x00" * 3000]
)
def test_what_is_no_token_is_refused(kuusela: Kerberized, token: bytes) -> None:
    assert refused(kuusela, token) == "kerberos_unreadable"


def test_another_services_ticket_opens_nothing_here(kuusela: Kerberized) -> None:
    assert refused(kuusela, kuusela.token("HTTP/muu.example.fi")) == "kerberos_service"
    shape = kuusela.latest().shape
    assert shape["expected"] == "HTTP/id.example.fi@KUUSELA.EXAMPLE"
    assert shape["received"] == "HTTP/muu.example.fi@KUUSELA.EXAMPLE"


def test_another_services_ticket_renamed_opens_nothing_either(kuusela: Kerberized) -> None:
    """The ticket's name is outside its encryption (RFC 4120 section 5.3)."""
    kuusela.kdc.principal("HTTP/xx.example.fi", "-randkey")
    token = kuusela.token("HTTP/xx.example.fi").replace(b"xx.example.fi", b"id.example.fi")
    assert refused(kuusela, token) == "kerberos_key"


def test_another_realms_ticket_opens_nothing_here(kuusela: Kerberized, other_kdc: Kdc) -> None:
    token = other_kdc.token(SERVICE, other_kdc.sign_in("aino.kuusela"))
    assert refused(kuusela, token) == "kerberos_realm"


@pytest.mark.parametrize("place", [-1, -60])
def test_a_changed_proof_opens_nothing(kuusela: Kerberized, place: int) -> None:
    token = bytearray(kuusela.token())
    token[place] ^= 1
    assert refused(kuusela, bytes(token)) == "kerberos_key"


def test_a_changed_ticket_opens_nothing(kuusela: Kerberized) -> None:
    token = bytearray(kuusela.token())
    token[len(token) // 2 - 60] ^= 1
    assert refused(kuusela, bytes(token)) == "kerberos_key"


def test_the_key_of_yesterday_is_told_by_its_version(kuusela: Kerberized) -> None:
    kuusela.kdc.keytab(SERVICE)  # The account's password was changed; ours is the one before.
    fresh = kuusela.kdc.sign_in("aino.kuusela")
    assert refused(kuusela, kuusela.kdc.token(SERVICE, fresh)) == "kerberos_key"
    assert "kvno" in kuusela.latest().shape["received"]


def test_a_clock_ten_minutes_behind_is_told(kuusela: Kerberized) -> None:
    slow = kuusela.kdc.sign_in("aino.kuusela", SERVICE, ahead=-600)
    assert refused(kuusela, kuusela.kdc.token(SERVICE, slow)) == "kerberos_skew"


def test_a_ticket_that_is_over_is_told(provider: Provider) -> None:
    """Its computer's clock is behind, so that it sends the ticket all the same."""
    with Kdc("VANHA.EXAMPLE", clockskew=1) as strict:
        provider.register()
        kuusela = Kerberized(provider, strict)
        over = time.monotonic() + 6
        ticket = strict.sign_in("aino.kuusela", SERVICE, lifetime=timedelta(seconds=3), ahead=-3600)
        while time.monotonic() < over:
            time.sleep(0.1)
        assert refused(kuusela, strict.token(SERVICE, ticket)) == "kerberos_expired"


def test_a_computer_or_a_service_is_no_person(kuusela: Kerberized) -> None:
    kuusela.kdc.principal("tyoasema1$")
    ticket = kuusela.kdc.sign_in("tyoasema1$")
    assert refused(kuusela, kuusela.kdc.token(SERVICE, ticket)) == "kerberos_principal"


def test_a_token_counts_once(kuusela: Kerberized) -> None:
    token = kuusela.token()
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser(), token), "kuusela")
    assert kuusela.arrive(kuusela.provider.browser(), token).status_code == 403
    assert kuusela.reason() == "replayed"


def test_a_token_counts_once_on_another_node_too(
    kuusela: Kerberized, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another node has a replay cache of its own: what is left is our row."""
    token = kuusela.token()
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser(), token), "kuusela")
    monkeypatch.setenv("KRB5RCACHENAME", "none:")
    assert kuusela.arrive(kuusela.provider.browser(), token).status_code == 403
    assert kuusela.reason() == "replayed"
    with kuusela.provider.database.transaction() as tx:
        tx.session.execute(delete(SpentAnswer))
    answer = kuusela.arrive(kuusela.provider.browser(), token)
    assert is_at_portal(answer, "kuusela"), "this test tests the row, not the library"


def test_the_librarys_replay_cache_stands_behind_our_row(kuusela: Kerberized) -> None:
    token = kuusela.token()
    assert is_at_portal(kuusela.arrive(kuusela.provider.browser(), token), "kuusela")
    with kuusela.provider.database.transaction() as tx:
        tx.session.execute(delete(SpentAnswer))
    assert kuusela.arrive(kuusela.provider.browser(), token).status_code == 403
    assert kuusela.reason() == "replayed"


def test_a_question_is_answered_once_and_only_in_its_browser(kuusela: Kerberized) -> None:
    """Login CSRF: a ticket counts for the browser that set out, and no other."""
    page = kuusela.asked(kuusela.provider.browser())
    victim = kuusela.provider.browser()
    victim.open("/login")
    answer = kuusela.answer(victim, page)
    assert answer.status_code == 403
    assert kuusela.reason() == "other_browser"


def test_a_ticket_in_the_query_is_none(kuusela: Kerberized) -> None:
    browser = kuusela.provider.browser()
    page = kuusela.asked(browser)
    state = page.url.params["state"]
    answer = browser.get(f"{kuusela.path}/callback", params={"state": state, "token": "x"})
    assert answer.status_code == 403
    assert kuusela.reason() == "answer_incomplete"
