"""A person's password: checked at sign-in, set through a link, changed by the person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from idp.audit import Actor, Event, record
from idp.authentication.links import Links, Purpose
from idp.authentication.models import Credential
from idp.authentication.sessions import Sessions
from idp.directory.models import Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.outbox import put

NOTICE = "password_changed"
"""The outbox's name for the mail that tells a person about a changed password."""

_FOR_SIGN_IN = Statement(
    select(
        Person.id,
        Person.username,
        Person.locale,
        Person.locked_at,
        Person.is_operator,
        Credential.password_hash,
    )
    .select_from(Person)
    .outerjoin(Credential, Credential.person_id == Person.id)
    .where(Person.username_key == bindparam("username_key"))
)
_REHASH = Statement(
    update(Credential)
    .where(
        Credential.person_id == bindparam("person"),
        Credential.password_hash == bindparam("old_hash"),
    )
    .values(password_hash=bindparam("new_hash"))
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """What sign-in needs of an account."""

    person_id: str
    username: str
    locale: str | None
    is_locked: bool
    is_operator: bool
    password_hash: str | None


def for_sign_in(tx: Transaction, username_key: str) -> Account | None:
    """The account a typed username names; None if there is none."""
    row: Any = tx.first(_FOR_SIGN_IN, username_key=username_key)
    if row is None:
        return None
    return Account(
        person_id=row.id,
        username=row.username,
        locale=row.locale,
        is_locked=row.locked_at is not None,
        is_operator=row.is_operator,
        password_hash=row.password_hash,
    )


def has_password(tx: Transaction, person_id: str) -> bool:
    """Whether the person signs in with a password kept here."""
    return tx.session.get(Credential, person_id) is not None


def rehash(tx: Transaction, person_id: str, old_hash: str, new_hash: str) -> None:
    """Keep the same password under a costlier hash, unless it was changed meanwhile."""
    tx.run(_REHASH, person=person_id, old_hash=old_hash, new_hash=new_hash)


def set_password(
    tx: Transaction,
    person: Person,
    password_hash: str,
    *,
    sessions: Sessions,
    links: Links,
    by: Actor,
) -> datetime:
    """Store a new password, end every session and void every link; the moment it counts from.

    The caller begins a new session where the person is at the browser. The person is told by mail.
    """
    now = utcnow()
    sessions.end_all(tx, person.id, by=by, why="password_changed")
    person.valid_since = now
    credential = tx.session.get(Credential, person.id)
    if credential is None:
        tx.session.add(Credential(person_id=person.id, password_hash=password_hash, changed_at=now))
    else:
        credential.password_hash, credential.changed_at = password_hash, now
    links.void(tx, person.id, Purpose.PASSWORD)
    record(tx, Event.PASSWORD_CHANGED, by=by, target_id=person.id)
    if person.email:
        put(tx, NOTICE, {"address": person.email}, person_id=person.id)
    return now
