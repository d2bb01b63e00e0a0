"""A relying party whose server hangs delays nobody else's sign-out, nor anybody's request."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select

from idp.directory.models import Person
from idp.foundation.clock import shifted
from idp.foundation.fetch.fetcher import LONGEST
from idp.foundation.outbox_models import OutboxItem
from idp.serving.delivery import deliver
from tests.pages.look import text
from tests.provider import Account, Provider
from tests.receiver import Receiver
from tests.relying_party import RelyingParty

MANY = 5


@contextmanager
def delivering(provider: Provider) -> Iterator[None]:
    """The delivery process, as a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=deliver, args=[provider.deployment, stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def sign_in_and_out(account: Account, *parties: RelyingParty) -> None:
    """One session that both relying parties got tokens in, ended."""
    browser = parties[0].provider.browser()
    browser.sign_in(account)
    for party in parties:
        party.redeem(party.answer(party.authorize(browser))["code"])
    browser.submit(browser.get("/logout"))


def seconds_until(condition: Callable[[], bool]) -> float:
    """How long it took to be so."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 60
        time.sleep(0.02)
    return time.monotonic() - began


def problems(provider: Provider) -> list[str]:
    """What is written down of deliveries that failed, yet or at all."""
    with provider.database.reading() as tx:
        rows = tx.session.scalars(select(OutboxItem.problem))
        return [problem for problem in rows if problem]


def state_page(provider: Provider) -> str:
    """What the operator sees of the deliveries."""
    boss = provider.person("boss@example.fi")
    provider.change(Person, boss.id, is_operator=True)
    browser = provider.browser()
    browser.sign_in(boss)
    return text(browser.open("/operations/state"))


def test_a_receiver_that_hangs_delays_nobody_and_is_told_when_it_answers(
    provider: Provider,
) -> None:
    """Back-Channel Logout 1.0 sections 2.3 (in parallel) and 2.5; M15's visible state."""
    provider.organization()
    account, answers = provider.person(), threading.Event()

    def slow(_number: int) -> tuple[int, bytes]:
        answers.wait(60)
        return 200, b""

    with Receiver(slow) as hanging, Receiver() as prompt:
        parties = [
            RelyingParty(provider, backchannel_logout_uri=receiver.address)
            for receiver in (hanging, prompt)
        ]
        with delivering(provider):
            for _ in range(MANY):
                sign_in_and_out(account, *parties)
            waited = seconds_until(lambda: len(prompt.posted) == MANY)
            assert waited < LONGEST.total_seconds()
            assert len(hanging.posted) == 1
            # By itself it gives the hanging one up, and asks it nothing more for half a minute.
            seconds_until(lambda: problems(provider) != [])
            assert len(hanging.posted) == 1
        page = state_page(provider)
        assert f"{MANY} perillä" in page
        assert f"{MANY} odottaa fetch_failed: timeout" in page
        answers.set()
        with shifted(timedelta(minutes=1)):
            provider.deliver()
        assert len(hanging.posted) == 1 + MANY
