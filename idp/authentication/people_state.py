"""Who of many persons has made a password, and what became of the mails about it.

What an organization sees of this: the links it sent itself and those a person ordered; never what
another organization sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import aliased

from idp.authentication import recovery
from idp.authentication.links import Purpose
from idp.authentication.models import Credential, Link
from idp.directory.models import Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.outbox_models import OutboxItem

LINK_MAILS = (recovery.LINK_MAIL, recovery.OPERATOR_MAIL)
"""The outbox's names for mails with a password link."""


class Fate(StrEnum):
    """How far a mailed link has come; of the steps it took, the last one here counts."""

    QUEUED = "queued"
    SENT = "sent"
    OPENED = "opened"
    EXPIRED = "expired"
    BOUNCED = "bounced"
    """Refused by the other mail server, or not sent while the link lived."""
    ACTIVATED = "activated"


@dataclass(frozen=True, kw_only=True)
class MailedLink:
    """A password link and its way."""

    fate: Fate
    at: Mapping[Fate, datetime]
    """When it took each step that it took."""
    address: str
    expires_at: datetime
    is_ours: bool
    """Sent by this organization; otherwise the person ordered it."""
    is_live: bool
    """Whether a password can still be made with it."""
    is_replaced: bool
    """Made void before its time: by later links, a new address or a new password."""
    problem: str | None
    """What the other mail server said last, where it refused or could not take the mail."""


@dataclass(frozen=True, kw_only=True)
class PasswordState:
    """Whether a person has made their password, and the links sent for it, the newest first."""

    password_set_at: datetime | None = None
    links: tuple[MailedLink, ...] = ()

    @property
    def latest(self) -> MailedLink | None:
        """The link sent last."""
        return self.links[0] if self.links else None


def password_states(
    tx: Transaction, organization_id: str, person_ids: Iterable[str], *, most: int = 1
) -> dict[str, PasswordState]:
    """The state of each person, with up to ``most`` links; one query, however many they are."""
    person_ids = list(person_ids)
    ranked = _ranked(organization_id, person_ids)
    link = aliased(Link, ranked)
    rows = tx.session.execute(
        select(Person.id, Credential.changed_at, link, OutboxItem)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .outerjoin(ranked, (ranked.c.person_id == Person.id) & (ranked.c.place <= most))
        .outerjoin(
            OutboxItem,
            (OutboxItem.person_id == ranked.c.person_id)
            & OutboxItem.kind.in_(LINK_MAILS)
            & (OutboxItem.payload["id"].as_string() == ranked.c.id),
        )
        .where(Person.id.in_(person_ids))
        .order_by(Person.id, ranked.c.place)
    )
    states: dict[str, PasswordState] = {}
    for person_id, set_at, one, mail in rows:
        before = states.get(person_id, PasswordState())
        mailed = _mailed(one, mail, set_at, organization_id)
        states[person_id] = PasswordState(
            password_set_at=set_at, links=(*before.links, mailed) if mailed else before.links
        )
    return states


def _ranked(organization_id: str, person_ids: list[str]) -> Subquery:
    """The links that the organization sees, each person's numbered from the newest."""
    newest_first = (Link.requested_at.desc(), Link.id)
    place = func.row_number().over(partition_by=Link.person_id, order_by=newest_first)
    return (
        select(Link, place.label("place"))
        .where(
            Link.purpose == Purpose.PASSWORD.value,
            Link.person_id.in_(person_ids),
            Link.organization_id.is_(None) | (Link.organization_id == organization_id),
        )
        .subquery()
    )


def _mailed(
    link: Link | None,
    mail: OutboxItem | None,
    password_set_at: datetime | None,
    organization_id: str,
) -> MailedLink | None:
    """What became of a link; None where there is none, or support had it shown, not mailed."""
    at = dict(_steps(link, mail, password_set_at)) if link else {}
    if link is None or not at:
        return None
    return MailedLink(
        fate=max(at, key=list(Fate).index),
        at=at,
        address=link.address,
        expires_at=link.expires_at,
        is_ours=link.organization_id == organization_id,
        is_live=_dead_since(link) is None and link.used_at is None,
        is_replaced=link.voided_at is not None,
        problem=mail.problem if mail and mail.state in ("queued", "bounced") else None,
    )


def _steps(
    link: Link, mail: OutboxItem | None, password_set_at: datetime | None
) -> Iterator[tuple[Fate, datetime]]:
    """Every step the link has taken, with its moment."""
    dead_since = _dead_since(link)
    if mail is not None:
        yield Fate.QUEUED, mail.created_at
        if ended := mail.finished_at or dead_since:
            yield (Fate.SENT if mail.state == "sent" else Fate.BOUNCED), ended
        if link.opened_at:
            yield Fate.OPENED, link.opened_at
    if link.used_at:
        yield Fate.ACTIVATED, link.used_at
    elif password_set_at and password_set_at >= link.requested_at:
        # Made with another link: what became of this one matters no more.
        yield Fate.ACTIVATED, password_set_at
    elif dead_since:
        yield Fate.EXPIRED, dead_since


def _dead_since(link: Link) -> datetime | None:
    """When the link ceased to work unused; None where it has not."""
    return link.voided_at or (link.expires_at if link.expires_at <= utcnow() else None)
