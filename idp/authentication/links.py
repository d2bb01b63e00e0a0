"""The one link engine: first and forgotten passwords and confirmed e-mail addresses alike.

A link's token is its id under a MAC, so it can be made again when the mail is sent and is kept
nowhere; the row holds a digest. It is valid for twelve hours from the *request* (M5), any number of
looks uses nothing up, the deed does, and the first success kills its siblings.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute

from idp.authentication.models import Link
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest, equal, random_id

MOST_LIVE = 3
"""Links of one purpose that a person may hold at once; the oldest gives way to a fourth."""
_MAC = "link"


class Purpose(StrEnum):
    """What a link is for; one made for one deed does no other."""

    PASSWORD = "password"
    EMAIL = "email"


class Dead(StrEnum):
    """Why a link does nothing any more, or never did."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    REPLACED = "replaced"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A link that was looked at: what it is, and why it is dead; ``dead`` None while it lives."""

    link: Link | None
    dead: Dead | None


def _is_live(now: ColumnElement[datetime] | datetime) -> ColumnElement[bool]:
    return and_(Link.used_at.is_(None), Link.voided_at.is_(None), Link.expires_at > now)


def pending_address(
    person_id: InstrumentedAttribute[str] | str, now: ColumnElement[datetime] | datetime
) -> Select[str]:
    """The address that waits for its mailed link to be followed: the one asked for last."""
    return (
        select(Link.address)
        .where(Link.person_id == person_id, Link.purpose == Purpose.EMAIL.value, _is_live(now))
        .order_by(Link.requested_at.desc())
        .limit(1)
    )


_OPENED = Statement(
    update(Link)
    .where(Link.id == bindparam("link"), Link.opened_at.is_(None))
    .values(opened_at=bindparam("now"))
)
_SPEND = Statement(
    update(Link)
    .where(
        Link.id == bindparam("link"),
        Link.purpose == bindparam("for_purpose"),
        _is_live(bindparam("now")),
    )
    .values(used_at=bindparam("now"))
    .returning(Link.person_id, Link.address)
)
_VOID = Statement(
    update(Link)
    .where(
        Link.person_id == bindparam("person"),
        Link.purpose == bindparam("for_purpose"),
        Link.used_at.is_(None),
        Link.voided_at.is_(None),
    )
    .values(voided_at=bindparam("now"))
)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """A link that was just spent: whose, and the address it had been sent to."""

    person_id: str
    address: str


class Links:
    """The links of one deployment."""

    def __init__(self, keyring: KeyRing, lifetime: timedelta) -> None:
        self._keyring = keyring
        self._lifetime = lifetime

    def order(
        self,
        tx: Transaction,
        purpose: Purpose,
        person_id: str,
        *,
        address: str,
        requested_at: datetime,
        organization_id: str | None = None,
    ) -> Link:
        """Make a link for ``address``; the fourth live one of a purpose voids the oldest."""
        live = tx.session.scalars(
            select(Link)
            .where(
                Link.person_id == person_id,
                Link.purpose == purpose.value,
                _is_live(utcnow()),
            )
            .order_by(Link.requested_at.desc())
        ).all()
        for oldest in live[MOST_LIVE - 1 :]:
            oldest.voided_at = utcnow()
        link_id = random_id()
        link = Link(
            id=link_id,
            purpose=purpose.value,
            digest=digest(self._token(link_id)),
            person_id=person_id,
            organization_id=organization_id,
            address=address,
            requested_at=requested_at,
            expires_at=requested_at + self._lifetime,
        )
        tx.session.add(link)
        tx.flush()
        return link

    def token(self, link: Link) -> str:
        """The secret of the mailed address; the same each time it is asked for."""
        return self._token(link.id)

    def open(self, tx: Transaction, token: str) -> Opened:
        """Look at a link without using anything up."""
        link = tx.session.get(Link, token.partition(".")[0])
        if link is None or not equal(digest(token), link.digest):
            return Opened(link=None, dead=Dead.UNKNOWN)
        return Opened(link=link, dead=_why_dead(link))

    def opened(self, tx: Transaction, link: Link) -> None:
        """Note that the link's form was shown: the main user sees that the mail arrived."""
        tx.run(_OPENED, link=link.id, now=utcnow())

    def spend(self, tx: Transaction, link: Link, purpose: Purpose) -> Spent | None:
        """Use the link up and void its siblings; None if it is dead or for something else."""
        now = utcnow()
        row = tx.first(_SPEND, link=link.id, for_purpose=purpose.value, now=now)
        if row is None:
            return None
        self.void(tx, row.person_id, purpose)
        return Spent(person_id=row.person_id, address=row.address)

    def void(self, tx: Transaction, person_id: str, purpose: Purpose) -> None:
        """Void every live link of one purpose that a person holds."""
        tx.run(_VOID, person=person_id, for_purpose=purpose.value, now=utcnow())

    def _token(self, link_id: str) -> str:
        return f"{link_id}.{self._keyring.authenticate(_MAC, link_id)}"


def _why_dead(link: Link) -> Dead | None:
    if link.used_at is not None:
        return Dead.USED
    if link.expires_at <= utcnow():
        return Dead.EXPIRED
    if link.voided_at is not None:
        return Dead.REPLACED
    return None
