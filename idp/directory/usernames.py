"""Usernames are for ever (M17, M18): who holds one, who held it when, and never two persons.

Every username ever given keeps its row in the ledger with the one person it belongs to; a person
may return to a username of their own past, nobody else ever gets it.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from idp.audit import Actor, Event, record
from idp.directory import fields
from idp.directory.folding import fold, is_visible
from idp.directory.models import Person, Username, UsernamePeriod
from idp.directory.unique import insert
from idp.errors import Invalid, NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import random_id

SHORTEST = 3
LONGEST = 254


@dataclass(frozen=True, kw_only=True)
class Period:
    """A stretch of time in which a person held a username; ``held_until`` None: still does."""

    person_id: str
    username: str
    held_from: datetime
    held_until: datetime | None
    changed_by: str
    reason: str


def key(username: str) -> str:
    """What two usernames must not share; safe to look up whatever was typed."""
    folded = fold(username.strip())
    return folded if is_visible(folded) and len(folded) <= LONGEST else ""


def check(value: object) -> str:
    """The rule of the field ``username``: returns it as it is kept, or raises `fields.Unfit`."""
    if not isinstance(value, str):
        raise fields.Unfit("not_text")
    username = unicodedata.normalize("NFKC", value.strip())
    if not username:
        raise fields.Unfit("required")
    if any(letter.isspace() for letter in username):
        raise fields.Unfit("username_spaces")
    if not is_visible(value.strip()) or not is_visible(username):
        raise fields.Unfit("characters")
    if len(username) < SHORTEST:
        raise fields.Unfit("username_short")
    if max(len(username), len(fold(username))) > LONGEST:
        raise fields.Unfit("too_long")
    return username


def validate(username: str) -> str:
    """The username as it is kept; Invalid where it cannot be one."""
    kept: str = fields.clean({"username": username}, {"username": check})["username"]
    return kept


def reserve(tx: Transaction, person_id: str, username: str, *, by: Actor, reason: str) -> None:
    """Write into the ledger that the person holds this username from now on.

    Invalid, ``username_taken``, where another person holds it or ever did: which, nobody learns.
    """
    _claim(tx, person_id, username)
    _open(tx, person_id, username, at=utcnow(), by=by, reason=reason)


def rename(
    tx: Transaction,
    person_id: str,
    new: str,
    *,
    by: Actor,
    reason: str,
    organization_id: str | None = None,
) -> str:
    """Give the person another username and return the old one; ``sub`` and password stay.

    Whether the actor may is `access.may_rename_username`'s to say. Invalid where the username
    does not hold, is what it was, or belongs to somebody else's present or past.
    """
    kept = fields.clean(
        {"username": new, "reason": reason}, {"username": check, "reason": fields.reason}
    )
    person = tx.session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound
    old = person.username
    if kept["username"] == old:
        raise Invalid({"username": "username_unchanged"})
    _claim(tx, person_id, kept["username"])
    now = utcnow()
    _close(tx, person_id, at=now)
    _open(tx, person_id, kept["username"], at=now, by=by, reason=kept["reason"])
    person.username, person.username_key = kept["username"], key(kept["username"])
    record(
        tx,
        Event.USERNAME_CHANGED,
        by=by,
        organization_id=organization_id,
        target_id=person_id,
        old=old,
        new=person.username,
        reason=kept["reason"],
    )
    return old


def owner(tx: Transaction, username: str) -> str | None:
    """The id of the one person who holds this username or ever did; None: nobody yet."""
    return tx.session.scalar(select(Username.person_id).where(Username.key == key(username)))


def held_by(tx: Transaction, username: str, at: datetime | None = None) -> Period | None:
    """Who held this username at that moment (None: now), and from when to when."""
    moment = at or utcnow()
    row = tx.session.scalar(
        select(UsernamePeriod)
        .where(
            UsernamePeriod.key == key(username),
            UsernamePeriod.held_from <= moment,
            UsernamePeriod.held_until.is_(None) | (UsernamePeriod.held_until > moment),
        )
        .order_by(UsernamePeriod.held_from.desc())
    )
    return None if row is None else _period(row)


def history(tx: Transaction, person_id: str) -> list[Period]:
    """Every username the person has held, the latest first."""
    rows = tx.session.scalars(
        select(UsernamePeriod)
        .where(UsernamePeriod.person_id == person_id)
        .order_by(UsernamePeriod.held_from.desc(), UsernamePeriod.held_until.is_(None).desc())
    )
    return [_period(row) for row in rows]


def _claim(tx: Transaction, person_id: str, username: str) -> None:
    row = Username(key=key(username), person_id=person_id)
    if not insert(tx, row) and owner(tx, username) != person_id:
        raise Invalid({"username": "username_taken"})


def _open(
    tx: Transaction, person_id: str, username: str, *, at: datetime, by: Actor, reason: str
) -> None:
    tx.session.add(
        UsernamePeriod(
            id=random_id(),
            key=key(username),
            username=username,
            person_id=person_id,
            held_from=at,
            held_until=None,
            changed_by=f"{by.kind}:{by.id or ''}",
            reason=reason,
        )
    )


def _close(tx: Transaction, person_id: str, *, at: datetime) -> None:
    tx.session.execute(
        update(UsernamePeriod)
        .where(UsernamePeriod.person_id == person_id, UsernamePeriod.held_until.is_(None))
        .values(held_until=at)
    )


def _period(row: UsernamePeriod) -> Period:
    return Period(
        person_id=row.person_id,
        username=row.username,
        held_from=row.held_from,
        held_until=row.held_until,
        changed_by=row.changed_by,
        reason=row.reason,
    )
