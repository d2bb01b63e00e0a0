"""One deployment: every part made once from the settings, and how the parts know each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask

from idp.audit import SYSTEM, Actor, Event, record
from idp.authentication import deliveries, notices, recovery
from idp.authentication.federation import break_glass, domain_checks
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.domain_checks import DomainChecks, TxtRecords
from idp.authentication.federation.federation import Federation
from idp.authentication.federation.passes import Passes
from idp.authentication.federation.reminders import Reminders
from idp.authentication.federation.spent_passwords import SpentPasswords
from idp.authentication.links import Links
from idp.authentication.passwords import Passwords
from idp.authentication.sessions import Sessions
from idp.authorization import backchannel
from idp.authorization.backchannel import BackchannelLogout
from idp.authorization.housekeeping import purge
from idp.clients.admission import Admission
from idp.clients.client_keys import ClientKeys
from idp.clients.registry import Clients
from idp.config import Settings
from idp.foundation import ephemeral
from idp.foundation.database import Database, Transaction, db, engine_options, prepare
from idp.foundation.fetch import Fetcher
from idp.foundation.outbox import Handler
from idp.foundation.parts import Parts
from idp.foundation.sealed import KeyRing
from idp.foundation.throttle import Throttle
from idp.foundation.web.cookies import Cookies
from idp.signing.ring import SigningKeys

Consumer = Callable[[Transaction, Any], None]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The parts of one running provider; pages and commands take what they need from here."""

    parts: Parts
    clients: Clients
    client_keys: ClientKeys
    admission: Admission
    sessions: Sessions
    links: Links
    connections: Connections
    passes: Passes
    reminders: Reminders
    spent_passwords: SpentPasswords
    passwords: Passwords
    throttle: Throttle
    signing_keys: SigningKeys
    federation: Federation
    fetcher: Fetcher
    handlers: Mapping[str, Handler]
    """What the delivery process does with each kind of outbox item."""
    patience: Mapping[str, timedelta]
    """How long a kind is tried, where it is not the outbox's usual time."""
    consumers: Mapping[str, Consumer]
    """Who follows the audit log, one committed deed at a time."""

    def keep_house(self) -> None:
        """What is due now and then: rotate keys, forget what has ended; safe on every node."""
        self.signing_keys.tick(by=SYSTEM)
        purge(self.parts.database)
        self.federation.metadata_refresh.tick()
        self.reminders.tick()
        self.spent_passwords.tick()

    def rewrap(self, *, by: Actor) -> int:
        """Seal every lasting secret under the newest key-encryption key; how many were not yet."""
        with self.parts.database.transaction() as tx:
            holders = (self.signing_keys, self.clients, self.connections)
            count = sum(holder.rewrap(tx) for holder in holders)
            record(tx, Event.KEYS_REWRAPPED, by=by, count=count)
        self.clients.changed()
        self.connections.changed()
        return count


def connect(app: Flask, settings: Settings) -> Database:
    """The database behind ``app``; nothing is read yet."""
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database.url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database.url),
    )
    db.init_app(app)
    with app.app_context():
        return Database(prepare(db.engine))


def deploy(app: Flask, settings: Settings) -> Deployment:
    """Make every part; ConfigurationError where keys are missing or damaged."""
    parts = Parts(
        settings=settings,
        database=connect(app, settings),
        keyring=KeyRing.load(settings.keys.directory),
        ephemeral=ephemeral.connect(settings.redis.url),
        cookies=Cookies(settings),
    )
    clients = Clients(parts.database, parts.ephemeral, parts.keyring)
    sessions = Sessions(settings.lifetimes)
    passes = Passes(parts.keyring)
    reminders = Reminders(parts)
    links = Links(parts.keyring, settings.lifetimes.password_link)
    signing_keys = SigningKeys(settings, parts.database, parts.keyring, parts.ephemeral)
    fetcher = _fetcher(settings)
    connections = Connections(parts.database, parts.ephemeral, parts.keyring)
    logout = BackchannelLogout(settings, clients, sessions, signing_keys, fetcher)
    return Deployment(
        parts=parts,
        clients=clients,
        client_keys=ClientKeys(fetcher),
        admission=Admission(settings.registration, fetcher),
        sessions=sessions,
        links=links,
        connections=connections,
        passes=passes,
        reminders=reminders,
        spent_passwords=SpentPasswords(parts.database),
        passwords=Passwords(settings.passwords, threads=settings.server.threads),
        throttle=Throttle(parts.ephemeral),
        signing_keys=signing_keys,
        federation=Federation(parts, sessions, clients, connections, fetcher),
        fetcher=fetcher,
        handlers={
            recovery.ORDER: recovery.order_handler(links),
            backchannel.KIND: logout.send,
            domain_checks.KIND: DomainChecks(parts.database, TxtRecords()).handle,
            **deliveries.handlers(parts, links, passes, reminders),
        },
        patience={backchannel.KIND: backchannel.PATIENCE},
        consumers={
            backchannel.CONSUMER: logout.follow,
            notices.CONSUMER: notices.follow,
            break_glass.CONSUMER: break_glass.follow,
        },
    )


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(
        allow_private=settings.outbound.allow_private_addresses,
        ca_file=settings.outbound.ca_file,
    )
