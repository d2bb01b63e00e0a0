"""Grants in the store: begun by a code, redeemed once, refreshed in generations, revoked whole.

Each single use is one conditional UPDATE in the transaction that also does what it gives; the row
stays, so that a second use is seen. Callers raise only after the commit: a refused use spends too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.audit import Actor, Event, record
from idp.authorization import grant_rows
from idp.authorization.models import Grant
from idp.authorization.request import AuthorizationRequest
from idp.authorization.tokens import RefreshToken
from idp.config import Lifetimes
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.secrets import digest, random_id, random_token


@dataclass(frozen=True, kw_only=True)
class Spent:
    """A code that was just spent for the one time it can be."""

    grant_id: str
    redirect_uri: str
    code_challenge: str | None


def issue(
    tx: Transaction,
    request: AuthorizationRequest,
    *,
    lifetimes: Lifetimes,
    person_id: str,
    session_id: str,
    organization_id: str,
    auth_time: datetime,
    amr: str,
    acr: str,
    by: Actor,
) -> str:
    """Begin a grant and return its authorization code."""
    now, code, grant_id = utcnow(), random_token(), random_id()
    tx.run(
        grant_rows.ISSUE,
        id=grant_id,
        client_id=request.client.client_id,
        person_id=person_id,
        session_id=session_id,
        organization_id=organization_id,
        scope=request.scope,
        nonce=request.get("nonce"),
        auth_time=auth_time,
        amr=amr,
        issued_at=now,
        expires_at=now + lifetimes.authorization_code,
        code_digest=digest(code),
        redirect_uri=request.redirect_uri,
        code_challenge=request.get("code_challenge"),
        generation=0,
        resource=" ".join(request.resource),
        acr=acr,
        dpop_jkt=request.get("dpop_jkt"),
        claims=request.claims.as_stored,
    )
    record(
        tx,
        Event.GRANT_ISSUED,
        by=by,
        organization_id=organization_id,
        target_id=person_id,
        client=request.client.client_id,
        grant=grant_id,
    )
    return code


def begin_redeemed(
    tx: Transaction,
    approved: Any,
    *,
    client_id: str,
    dpop_jkt: str | None,
    lifetimes: Lifetimes,
    by: Actor,
) -> None:
    """Begin a grant that needs no code: a device's, under the id of the request it redeemed."""
    now = utcnow()
    grant = Grant(
        id=approved.id,
        client_id=client_id,
        person_id=approved.person_id,
        session_id=approved.session_id,
        organization_id=approved.organization_id,
        scope=approved.scope,
        resource=approved.resource,
        auth_time=approved.auth_time,
        amr=approved.amr,
        acr=approved.acr,
        dpop_jkt=dpop_jkt,
        issued_at=now,
        expires_at=now + lifetimes.refresh_token,
        code_used_at=now,
        generation=1,
    )
    tx.session.add(grant)
    tx.flush()
    record(
        tx,
        Event.GRANT_ISSUED,
        by=by,
        organization_id=grant.organization_id,
        target_id=grant.person_id,
        client=client_id,
        grant=grant.id,
    )


def spend_code(
    tx: Transaction,
    code: str,
    client_id: str,
    *,
    lifetimes: Lifetimes,
    jkt: str | None,
    family_jkt: str | None,
    by: Actor,
) -> Spent | None:
    """Spend ``code``; None if unknown, expired, spent, another client's or bound to another key.

    A second use revokes what the first one gave (RFC 6749 section 4.1.2). ``jkt`` is the key that
    the client proved to hold, ``family_jkt`` the one that its refresh tokens are bound to.
    """
    now, presented = utcnow(), digest(code)
    spent = tx.first(
        grant_rows.SPEND_CODE,
        presented=presented,
        client=client_id,
        jkt=jkt,
        family_jkt=family_jkt,
        now=now,
        ends_at=now + lifetimes.refresh_token,
    )
    if spent:
        return Spent(
            grant_id=spent.id,
            redirect_uri=spent.redirect_uri,
            code_challenge=spent.code_challenge,
        )
    known = tx.first(grant_rows.OF_CODE, presented=presented, client=client_id)
    if known and known.code_used_at:
        revoke(tx, known.id, event=Event.CODE_REPLAYED, by=by)
    return None


def rotate(
    tx: Transaction,
    token: RefreshToken,
    client_id: str,
    *,
    lifetimes: Lifetimes,
    jkt: str | None,
    family_jkt: str | None,
    by: Actor,
) -> int | None:
    """Move the family on to its next generation and return that; None if the token is dead.

    The token before the one in force gets its lost answer again within the grace, without a fork;
    any older one kills the family, as does a generation that was never issued. Without the key
    that the family is bound to a token does nothing, so that a thief cannot even end it;
    ``family_jkt`` binds one that was not bound yet.
    """
    now = utcnow()
    if tx.first(
        grant_rows.ROTATE,
        grant=token.grant_id,
        client=client_id,
        presented=token.generation,
        jkt=jkt,
        family_jkt=family_jkt,
        now=now,
    ):
        return token.generation + 1
    row = standing(tx, token.grant_id)
    if row is None or row.client_id != client_id or row.dpop_jkt not in (None, jkt):
        return None
    was_replaced_now = row.generation == token.generation + 1
    if was_replaced_now and now <= row.refreshed_at + lifetimes.refresh_grace:
        return int(row.generation)
    revoke(tx, token.grant_id, event=Event.REFRESH_TOKEN_REUSED, by=by)
    return None


def standing(tx: Transaction, grant_id: str, jti: str = "") -> Any:
    """The grant with its person and membership, judged now; None if any of it stands no more.

    ``jti`` is the access token it is asked through, which may have been revoked alone.
    """
    return tx.first(grant_rows.STANDING, grant=grant_id, jti=jti, now=utcnow())


def revoke(tx: Transaction, grant_id: str, *, event: Event, by: Actor) -> None:
    """Kill a grant and all its tokens; a dead one stays dead."""
    revoked = tx.first(grant_rows.REVOKE, grant=grant_id, now=utcnow())
    if revoked:
        record(
            tx,
            event,
            by=by,
            organization_id=revoked.organization_id,
            target_id=revoked.person_id,
            grant=grant_id,
        )
