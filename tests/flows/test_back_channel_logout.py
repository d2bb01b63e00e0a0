"""Back-Channel Logout 1.0: a relying party's own server hears of it, or we say that it did not."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from idp.audit import Event, read
from idp.authentication import credentials
from idp.authorization.backchannel import PATIENCE
from idp.directory import memberships, organizations, persons
from idp.directory.models import Person
from idp.foundation import clock
from idp.foundation.outbox import Worker
from tests.pages.look import text
from tests.provider import ISSUER, OPERATOR, PASSWORD, Account, Provider
from tests.receiver import Receiver
from tests.relying_party import RelyingParty

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def heard(party: RelyingParty, receiver: Receiver) -> list[dict[str, Any]]:
    """The claims of each logout token that arrived."""
    party.provider.deliver()
    return [party.claims(form["logout_token"]) for form in receiver.posted]


def told(party: RelyingParty, receiver: Receiver, **metadata: Any) -> RelyingParty:
    """A relying party that the receiver is the server of."""
    return RelyingParty(party.provider, backchannel_logout_uri=receiver.address, **metadata)


def test_the_logout_token_is_what_the_standard_says(party: RelyingParty) -> None:
    """Sections 2.4 and 2.5: its claims, its type, its form."""
    with Receiver() as receiver:
        listener, browser = told(party, receiver), party.provider.browser()
        account = party.provider.person()
        id_token = listener.tokens(browser, account)["id_token"]
        browser.get("/logout", params={"id_token_hint": id_token})
        (claims,) = heard(listener, receiver)
        assert receiver.headers[0]["content-type"] == "application/x-www-form-urlencoded"
    header = receiver.posted[0]["logout_token"].partition(".")[0]
    decoded = json.loads(base64.urlsafe_b64decode(header + "=="))
    assert decoded["typ"] == "logout+jwt"
    assert decoded["alg"] == "RS256"
    assert "kid" in decoded
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"}
    assert claims["iss"] == ISSUER
    assert claims["aud"] == listener.client_id
    assert claims["events"] == {EVENT: {}}
    assert claims["sid"] == party.claims(id_token)["sid"]
    assert claims["sub"] == account.id
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert abs(claims["iat"] - time.time()) < 60


def lock(provider: Provider, account: Account) -> None:
    with provider.database.transaction() as tx:
        persons.lock(tx, account.id, by=OPERATOR)


def remove(provider: Provider, account: Account) -> None:
    with provider.database.transaction() as tx:
        place = organizations.by_slug(tx, "kuusela")
        memberships.remove(tx, place.id, account.id, by=OPERATOR)


def suspend(provider: Provider, account: Account) -> None:
    with provider.database.transaction() as tx:
        organizations.suspend(tx, organizations.by_slug(tx, "kuusela").id, by=OPERATOR)


def change_password(provider: Provider, account: Account) -> None:
    deployment = provider.deployment
    with provider.database.transaction() as tx:
        credentials.set_password(
            tx,
            provider.load(account.id),
            deployment.passwords.hash("neljä vihreää myssyä"),
            sessions=deployment.sessions,
            links=deployment.links,
            by=OPERATOR,
        )


@pytest.mark.parametrize("deed", [lock, remove, suspend, change_password])
def test_whatever_ends_a_session_is_told(
    party: RelyingParty, deed: Callable[[Provider, Account], None]
) -> None:
    with Receiver() as receiver:
        listener, account = told(party, receiver), party.provider.person()
        sid = listener.claims(listener.tokens(party.provider.browser(), account)["id_token"])["sid"]
        deed(party.provider, account)
        assert {claims["sid"] for claims in heard(listener, receiver)} == {sid}


def failures(party: RelyingParty) -> list[Event]:
    with party.provider.database.reading() as tx:
        found = read(tx, organization_id=None, events=(Event.LOGOUT_FAILED, Event.LOGOUT_DELIVERED))
    return [Event(record.event) for record in found]


def work(party: RelyingParty) -> None:
    """One round of the delivery process, with its real patience."""
    deployment = party.provider.deployment
    Worker(party.provider.database, deployment.handlers, patience=deployment.patience).run_once()


def sign_out(listener: RelyingParty) -> None:
    browser = listener.provider.browser()
    account = Account(id="", username="maija@example.fi", password=PASSWORD)
    hint = listener.tokens(browser, account)["id_token"]
    browser.get("/logout", params={"id_token_hint": hint})


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, b'{"error":"invalid_request"}'), (500, b"\xff"), (302, b""), (201, b"")],
)
def test_a_server_that_refuses_is_told_again_until_it_confirms(
    party: RelyingParty, status: int, body: bytes
) -> None:
    party.provider.person()
    with Receiver(lambda number: (status, body) if number < 3 else (200, b"")) as receiver:
        listener = told(party, receiver)
        sign_out(listener)
        party.provider.deliver()
        assert failures(party) == []
        for minutes in (1, 2):
            with clock.shifted(timedelta(minutes=minutes)):
                work(party)
        assert len(receiver.posted) == 3
    jtis = {party.claims(form["logout_token"])["jti"] for form in receiver.posted}
    assert len(jtis) == 3, "a receiver that remembers a jti must not refuse the repetition"
    assert failures(party) == [Event.LOGOUT_DELIVERED]


def test_a_server_that_never_confirms_is_given_up_and_written_down(party: RelyingParty) -> None:
    party.provider.person()
    with Receiver(lambda number: (503, b"")) as receiver:
        listener = told(party, receiver)
        sign_out(listener)
        party.provider.deliver()
        with clock.shifted(PATIENCE + timedelta(minutes=1)):
            work(party)
    assert failures(party) == [Event.LOGOUT_FAILED]


def test_the_operator_sees_for_each_client_how_it_goes(party: RelyingParty) -> None:
    provider = party.provider
    boss = provider.person("boss@example.fi")
    provider.person()

    provider.change(Person, boss.id, is_operator=True)
    with Receiver() as good, Receiver(lambda number: (503, b"")) as bad:
        for receiver in (good, bad):
            sign_out(told(party, receiver))
        provider.deliver()
    browser = provider.browser()
    browser.sign_in(boss)
    page = text(browser.open("/operations/state"))
    assert "1 perillä" in page
    assert "1 odottaa the relying party answered 503" in page
