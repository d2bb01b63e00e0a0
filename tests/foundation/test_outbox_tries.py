"""What cannot be sent is tried again, for as long as it makes sense."""

from datetime import timedelta

import pytest

from idp.foundation import outbox
from idp.foundation.clock import shifted, utcnow
from idp.foundation.database import Database
from idp.foundation.outbox import Bounced, GivenUp, Item, Retry, Worker
from tests.foundation.outbox_sender import DAY, HOUR, MINUTE, SECOND, Sender, items, put, the_item


def test_a_bounce_is_final_and_kept_in_the_words_of_the_other_side(database: Database) -> None:
    put(database, 1)
    sender = Sender(Bounced("550 5.1.1\r\n No such user\x00 here " + "x" * 1000))

    assert Worker(database, {"letter": sender}).run_once() == 1

    item = the_item(database)
    assert item.state == "bounced"
    assert item.problem is not None
    assert item.problem.startswith("550 5.1.1 No such user here xxx")
    assert len(item.problem) == 500
    with shifted(DAY):
        assert Worker(database, {"letter": sender}).run_once() == 0


def test_what_makes_no_sense_any_more_is_given_up(database: Database) -> None:
    put(database, 1)

    assert Worker(database, {"letter": Sender(GivenUp("the link expired"))}).run_once() == 1

    assert (the_item(database).state, the_item(database).problem) == ("failed", "the link expired")


def test_after_an_outage_everything_is_sent(database: Database) -> None:
    put(database, 1, 2)
    sender = Sender(Retry("connection refused"), Retry("connection refused"))
    worker = Worker(database, {"letter": sender})

    assert worker.run_once() == 0
    assert [item.problem for item in items(database)] == ["connection refused"] * 2
    assert worker.run_once() == 0
    assert sender.sent == []

    with shifted(MINUTE):
        assert worker.run_once() == 2
    assert sorted(sender.numbers) == [1, 2]
    assert {item.state for item in items(database)} == {"sent"}


def test_it_is_tried_for_three_days_and_then_has_failed(database: Database) -> None:
    put(database, 1)
    sender = Sender(*(Retry("busy") for _ in range(3)))
    worker = Worker(database, {"letter": sender})

    with shifted(3 * DAY - HOUR):
        assert worker.run_once() == 0
    assert the_item(database).state == "queued"
    with shifted(3 * DAY + SECOND):
        assert worker.run_once() == 1

    assert (the_item(database).state, the_item(database).problem) == ("failed", "busy")


def test_a_kind_may_have_a_patience_of_its_own(database: Database) -> None:
    put(database, 1)
    worker = Worker(database, {"letter": Sender(Retry("busy"))}, patience={"letter": HOUR})

    with shifted(HOUR + SECOND):
        assert worker.run_once() == 1

    assert the_item(database).state == "failed"


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (3, 40), (7, 640), (8, 900), (5000, 900)]
)
def test_waits_double_up_to_a_quarter_of_an_hour_and_are_spread_by_a_fifth(
    attempts: int, seconds: int
) -> None:
    waits = {
        outbox.delay(
            Item(
                id=str(number),
                kind="letter",
                payload={},
                organization_id=None,
                person_id=None,
                created_at=utcnow(),
                attempts=attempts,
            )
        )
        for number in range(200)
    }

    assert min(waits) >= timedelta(seconds=0.8 * seconds)
    assert max(waits) <= timedelta(seconds=1.2 * seconds)
    assert len(waits) > 50


def test_our_own_mistake_is_tried_again_and_its_text_is_not_stored(database: Database) -> None:
    put(database, 1)
    sender = Sender(KeyError("s3cret"))
    worker = Worker(database, {"letter": sender})

    assert worker.run_once() == 0
    assert (the_item(database).state, the_item(database).problem) == ("queued", "KeyError")
    with shifted(MINUTE):
        assert worker.run_once() == 1
    assert sender.numbers == [1]


def test_one_bad_item_does_not_hold_up_the_others(database: Database) -> None:
    put(database, 1, 2, 3)
    sender = Sender(Retry("450 mailbox busy"))

    assert Worker(database, {"letter": sender}).run_once() == 2
    assert sender.numbers == [2, 3]


def test_a_service_that_is_down_is_not_asked_for_every_item_and_holds_up_no_other(
    database: Database,
) -> None:
    put(database, *range(10), kind="letter")
    put(database, *range(2), kind="call")
    down = Sender(*(Retry("connection refused") for _ in range(10)))
    up = Sender()

    assert Worker(database, {"letter": down, "call": up}).run_once() == 2

    assert up.numbers == [0, 1]
    assert [item.attempts for item in items(database) if item.kind == "letter"].count(0) == 7


def test_an_unknown_kind_waits_an_hour_for_a_newer_node_and_then_has_failed(
    database: Database,
) -> None:
    put(database, 1, kind="telegram")
    worker = Worker(database, {"letter": Sender()})

    assert worker.run_once() == 0
    assert the_item(database).state == "queued"
    with shifted(HOUR + SECOND):
        assert worker.run_once() == 1

    assert the_item(database).state == "failed"
    assert the_item(database).problem == "nothing here sends telegram"
