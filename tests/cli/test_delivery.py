"""The delivery process's own part: the log is sealed and followed, what fails is tried again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from idp.audit import SYSTEM, AuditRecord, record
from idp.audit import Event as Deed
from idp.errors import Unavailable
from idp.foundation.database import Conflict, Transaction
from idp.serving.delivery import deliver, follow_log
from tests.provider import Provider

AT_ONCE = timedelta(milliseconds=1)
DEEDS = 250
"""More than a consumer is shown at once."""


def do(provider: Provider, times: int) -> None:
    with provider.database.transaction() as tx:
        for _ in range(times):
            record(tx, Deed.PROBLEM_SHOWN, by=SYSTEM)


def test_a_consumer_sees_each_deed_once_and_in_order(provider: Provider) -> None:
    seen: list[Any] = []

    def look(_tx: Transaction, deed: AuditRecord) -> None:
        seen.append(deed.position)

    deployment = replace(provider.deployment, consumers={"test": look})
    do(provider, DEEDS)
    follow_log(deployment)
    do(provider, 1)
    follow_log(deployment)
    follow_log(deployment)
    shown = [position for position in seen if position > seen[-1] - DEEDS - 1]
    assert shown == list(range(seen[-1] - DEEDS, seen[-1] + 1))
    assert sorted(set(seen)) == seen


def test_what_a_consumer_could_not_do_it_is_shown_again(provider: Provider) -> None:
    failing, seen = Event(), []

    def look(_tx: Transaction, deed: AuditRecord) -> None:
        if not failing.is_set():
            failing.set()
            raise RuntimeError("the relying party's metadata is damaged")
        seen.append(deed.event)

    deployment = replace(provider.deployment, consumers={"fails once": look})
    do(provider, 1)
    with pytest.raises(RuntimeError):
        follow_log(deployment)
    follow_log(deployment)
    assert seen.count(Deed.PROBLEM_SHOWN) == 1


@pytest.mark.parametrize("trouble", [Conflict, Unavailable, RuntimeError])
def test_trouble_in_one_round_does_not_end_the_process(
    provider: Provider, trouble: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.serving.delivery._FOLLOW_EVERY", AT_ONCE)
    stop, rounds = Event(), []

    def look(_tx: Transaction, _deed: AuditRecord) -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise trouble()
        stop.set()

    do(provider, 1)
    deliver(replace(provider.deployment, consumers={"troubled": look}), stop)
    assert len(rounds) >= 2
