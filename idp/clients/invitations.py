"""Initial access tokens (RFC 7591 section 3): an operator lets somebody register clients.

So often, and so long; only a digest is kept. A registration spends one use in its own transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from idp.audit import Actor, Event, record
from idp.clients.models import InitialAccessToken
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.secrets import digest, random_id, random_token

MOST_USES = 1000
LONGEST = timedelta(days=90)
_PREFIX = "idp_iat_"

_COUNTS = Statement(
    select(InitialAccessToken.id).where(
        InitialAccessToken.token_digest == bindparam("presented"),
        InitialAccessToken.uses_left > 0,
        InitialAccessToken.expires_at > bindparam("now"),
    )
)
_SPEND = Statement(
    update(InitialAccessToken)
    .where(
        InitialAccessToken.token_digest == bindparam("presented"),
        InitialAccessToken.uses_left > 0,
        InitialAccessToken.expires_at > bindparam("now"),
    )
    .values(uses_left=InitialAccessToken.uses_left - 1)
    .returning(InitialAccessToken.id)
)


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A new initial access token, shown this once."""

    id: str
    token: str = field(repr=False)
    uses: int
    expires_at: datetime


def invite(tx: Transaction, *, uses: int, lifetime: timedelta, note: str, by: Actor) -> Invitation:
    """Make an initial access token for ``uses`` registrations."""
    now, token = utcnow(), _PREFIX + random_token()
    row = InitialAccessToken(
        id=random_id(),
        token_digest=digest(token),
        note=note,
        uses_left=min(uses, MOST_USES),
        created_at=now,
        expires_at=now + min(lifetime, LONGEST),
    )
    tx.session.add(row)
    tx.flush()
    record(tx, Event.CLIENT_INVITED, by=by, target_id=row.id, uses=row.uses_left, note=note)
    return Invitation(id=row.id, token=token, uses=row.uses_left, expires_at=row.expires_at)


def counts(tx: Transaction, token: str) -> bool:
    """Whether the token would let a client in now; nothing is spent."""
    return tx.first(_COUNTS, presented=digest(token), now=utcnow()) is not None


def spend(tx: Transaction, token: str) -> str | None:
    """Take one use of the token; its id, or None if it is unknown, used up or has ended."""
    spent = tx.first(_SPEND, presented=digest(token), now=utcnow())
    return str(spent.id) if spent else None


def standing(tx: Transaction) -> list[InitialAccessToken]:
    """The tokens that still let somebody in, oldest first."""
    rows = select(InitialAccessToken).where(
        InitialAccessToken.uses_left > 0, InitialAccessToken.expires_at > utcnow()
    )
    return list(tx.session.scalars(rows.order_by(InitialAccessToken.created_at)))


def revoke(tx: Transaction, token_id: str, *, by: Actor) -> None:
    """Take the rest of a token's uses back; NotFound."""
    row = tx.session.get(InitialAccessToken, token_id)
    if row is None:
        raise NotFound("no_such_initial_token", id=token_id)
    row.uses_left = 0
    record(tx, Event.CLIENT_INVITATION_REVOKED, by=by, target_id=token_id)
