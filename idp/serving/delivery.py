"""The delivery process: sends what waits, seals the audit log, lets consumers follow it.

Any number of these may run, on any nodes: each deed is claimed, locked or conditional in the store.
"""

import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

from idp import Deployment
from idp.audit import advance, follow, seal
from idp.config import Settings
from idp.errors import Unavailable
from idp.foundation.database import Conflict
from idp.foundation.outbox import Worker
from idp.serving.store import deployed

_SENDERS = 4
"""Threads that send: one slow mail server or relying party does not keep all the rest waiting."""
_FOLLOW_EVERY = timedelta(seconds=1)
_KEEP_HOUSE_EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)


def serve_delivery(settings: Settings) -> None:
    """Deliver until SIGTERM; what is being sent then is still finished."""
    stop = Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    with deployed(settings) as deployment:
        deliver(deployment, stop)


def deliver(deployment: Deployment, stop: Event) -> None:
    """Deliver until ``stop`` is set and every thread of it has finished."""
    worker = Worker(deployment.parts.database, deployment.handlers, patience=deployment.patience)
    jobs: list[Callable[[], None]] = [
        *[lambda: worker.run(stop)] * _SENDERS,
        lambda: _repeat(lambda: follow_log(deployment), stop, _FOLLOW_EVERY),
        lambda: _repeat(deployment.keep_house, stop, _KEEP_HOUSE_EVERY),
    ]
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()


def follow_log(deployment: Deployment) -> None:
    """Seal what was done since the last time and show it to every consumer once."""
    database = deployment.parts.database
    seal(database)
    for name, consumer in deployment.consumers.items():
        is_behind = True
        while is_behind:
            with database.transaction() as tx:
                records = follow(tx, name)
                for record in records:
                    consumer(tx, record)
                if records:
                    advance(tx, name, records[-1].position)
            is_behind = bool(records)


def _repeat(deed: Callable[[], object], stop: Event, pause: timedelta) -> None:
    """Do it again and again; what fails is told and tried again."""
    while not stop.is_set():
        try:
            deed()
        except Conflict:
            log.debug("another node was quicker by a moment")
        except Unavailable:
            log.warning("the database is away")
        except Exception:
            log.exception("a task of the delivery process failed")
        stop.wait(pause.total_seconds())
