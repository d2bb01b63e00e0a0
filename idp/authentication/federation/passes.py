"""Passes: secret addresses that let somebody without an account see one thing of one organization.

A setup link opens the IT person's pages in the first browser that takes it up; a calendar's feed is
read by a calendar program; a diagnosis is read by a consultant. The token is the pass's id under a
MAC, so that a mail can be written when it is sent; the row holds a digest. Looking uses nothing up:
mail scanners look too. A setup link is taken up by a POST, once, by one conditional UPDATE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select, update

from idp.audit import Actor, Event, record
from idp.authentication.federation.passes_models import Pass
from idp.directory.models import Organization
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest, equal, random_id

MOST_LIVE = 20
"""Living passes of one purpose that an organization may have; the oldest gives way to one more."""
_MAC = "pass"


class Purpose(StrEnum):
    """What a pass is for; one made for one thing opens no other."""

    SETUP = "setup"
    CALENDAR = "calendar"
    DIAGNOSIS = "diagnosis"


LIFETIMES: Mapping[Purpose, timedelta | None] = {
    Purpose.SETUP: timedelta(days=1),
    Purpose.CALENDAR: None,
    Purpose.DIAGNOSIS: timedelta(days=7),
}
"""How long each lives; None: until it is revoked."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A living pass and its organization."""

    pass_: Pass
    organization: Organization


class Passes:
    """The passes of one deployment."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def issue(
        self,
        tx: Transaction,
        purpose: Purpose,
        organization_id: str,
        *,
        by: Actor,
        target_id: str | None = None,
        address: str | None = None,
    ) -> Pass:
        """Make a pass; `token` gives its secret."""
        for oldest in _live(tx, purpose, organization_id)[MOST_LIVE - 1 :]:
            oldest.voided_at = utcnow()
        pass_id, lifetime, now = random_id(), LIFETIMES[purpose], utcnow()
        issued = Pass(
            id=pass_id,
            purpose=purpose.value,
            digest=digest(self._token(pass_id)),
            organization_id=organization_id,
            target_id=target_id,
            address=address,
            created_by=f"{by.kind}:{by.id or ''}",
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        tx.session.add(issued)
        tx.flush()
        _record(tx, Event.PASS_ISSUED, issued, by)
        return issued

    def token(self, issued: Pass) -> str:
        """The secret of the pass's address; the same each time it is asked for."""
        return self._token(issued.id)

    def open(self, tx: Transaction, purpose: Purpose, token: str) -> Opened | None:
        """What the token opens, using nothing up; None if it is dead or for something else."""
        found = tx.session.get(Pass, token.partition(".")[0])
        if found is None or not equal(digest(token), found.digest):
            return None
        return _opened(tx, found, purpose)

    def take_up(self, tx: Transaction, opened: Opened, browser: str, *, by: Actor) -> bool:
        """Bind the pass to this browser; False where another browser was quicker."""
        mine = digest(browser)
        if opened.pass_.browser_digest is not None:
            return equal(mine, opened.pass_.browser_digest)
        now = utcnow()
        taken = tx.session.execute(
            update(Pass)
            .where(
                Pass.id == opened.pass_.id,
                Pass.browser_digest.is_(None),
                Pass.voided_at.is_(None),
                Pass.expires_at > now,
            )
            .values(browser_digest=mine, taken_at=now)
            .returning(Pass.id)
        ).first()
        if taken is None:
            return False
        _record(tx, Event.PASS_TAKEN_UP, opened.pass_, by)
        return True

    def held_by(self, tx: Transaction, browser: str, organization_id: str) -> Pass | None:
        """The setup pass for this organization that this browser took up and that still lives."""
        found = tx.session.scalars(
            select(Pass)
            .where(
                Pass.browser_digest == digest(browser),
                Pass.organization_id == organization_id,
                Pass.purpose == Purpose.SETUP.value,
            )
            .order_by(Pass.created_at.desc())
        )
        return next((each for each in found if _is_alive(each)), None)

    def living(self, tx: Transaction, purpose: Purpose, organization_id: str) -> list[Pass]:
        """The organization's living passes of one purpose, the newest first."""
        return [each for each in _live(tx, purpose, organization_id) if _is_alive(each)]

    def revoke(self, tx: Transaction, organization_id: str, pass_id: str, *, by: Actor) -> None:
        """End a pass of this organization; one that is another's, or dead, is left alone."""
        found = tx.session.get(Pass, pass_id)
        if found is None or found.organization_id != organization_id or not _is_alive(found):
            return
        found.voided_at = utcnow()
        _record(tx, Event.PASS_REVOKED, found, by)

    def _token(self, pass_id: str) -> str:
        return f"{pass_id}.{self._keyring.authenticate(_MAC, pass_id)}"


def _live(tx: Transaction, purpose: Purpose, organization_id: str) -> list[Pass]:
    """Those that nobody has ended, expired ones among them, the newest first."""
    return list(
        tx.session.scalars(
            select(Pass)
            .where(
                Pass.organization_id == organization_id,
                Pass.purpose == purpose.value,
                Pass.voided_at.is_(None),
            )
            .order_by(Pass.created_at.desc())
        )
    )


def _opened(tx: Transaction, found: Pass, purpose: Purpose) -> Opened | None:
    organization = tx.session.get_one(Organization, found.organization_id)
    if found.purpose != purpose.value or not _is_alive(found) or organization.suspended_at:
        return None
    return Opened(pass_=found, organization=organization)


def _is_alive(found: Pass) -> bool:
    is_in_time = found.expires_at is None or found.expires_at > utcnow()
    return found.voided_at is None and is_in_time


def _record(tx: Transaction, event: Event, found: Pass, by: Actor) -> None:
    record(
        tx,
        event,
        by=by,
        organization_id=found.organization_id,
        target_id=found.id,
        purpose=found.purpose,
        address=found.address,
    )
