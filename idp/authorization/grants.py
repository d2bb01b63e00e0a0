"""Grants in the store: begun by a code, redeemed once, refreshed in generations, revoked whole.

Each single use is one conditional UPDATE in the transaction that also does what it gives; the row
stays, so that a second use is seen. Callers raise only after the commit: a refused use spends too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, insert, or_, select, update

from idp.audit import Actor, Event, record
from idp.authentication.links import Purpose
from idp.authentication.models import Link, SessionRecord
from idp.authorization.models import Grant, RevokedToken
from idp.authorization.request import AuthorizationRequest
from idp.authorization.tokens import RefreshToken
from idp.config import Lifetimes
from idp.directory.models import Membership, Organization, Person
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.secrets import digest, random_id, random_token

_ISSUE = Statement(
    insert(Grant).values(
        {
            name: bindparam(name)
            for name in [
                "id",
                "client_id",
                "person_id",
                "session_id",
                "organization_id",
                "scope",
                "nonce",
                "auth_time",
                "amr",
                "issued_at",
                "expires_at",
                "code_digest",
                "redirect_uri",
                "code_challenge",
                "generation",
                "resource",
                "acr",
                "dpop_jkt",
                "claims",
            ]
        }
    )
)
_SPEND_CODE = Statement(
    update(Grant)
    .where(
        Grant.code_digest == bindparam("presented"),
        Grant.client_id == bindparam("client"),
        Grant.code_used_at.is_(None),
        Grant.revoked_at.is_(None),
        Grant.expires_at > bindparam("now"),
    )
    .values(code_used_at=bindparam("now"), expires_at=bindparam("ends_at"), generation=1)
    .returning(Grant.id, Grant.redirect_uri, Grant.code_challenge)
)
_OF_CODE = Statement(
    select(Grant.id, Grant.code_used_at).where(
        Grant.code_digest == bindparam("presented"), Grant.client_id == bindparam("client")
    )
)
_ROTATE = Statement(
    update(Grant)
    .where(
        Grant.id == bindparam("grant"),
        Grant.client_id == bindparam("client"),
        Grant.generation == bindparam("presented"),
        Grant.revoked_at.is_(None),
        Grant.expires_at > bindparam("now"),
    )
    .values(generation=Grant.generation + 1, refreshed_at=bindparam("now"))
    .returning(Grant.id)
)
_REVOKE = Statement(
    update(Grant)
    .where(Grant.id == bindparam("grant"), Grant.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
    .returning(Grant.person_id, Grant.organization_id)
)
_STANDING = Statement(
    select(
        Grant.id.label("grant_id"),
        Grant.client_id,
        Grant.person_id,
        Grant.session_id,
        Grant.scope,
        Grant.nonce,
        Grant.auth_time,
        Grant.amr,
        Grant.acr,
        Grant.resource,
        Grant.dpop_jkt,
        Grant.issued_at,
        Grant.expires_at,
        Grant.generation,
        Grant.refreshed_at,
        Grant.claims,
        Person.username,
        Person.given_name.label("own_given_name"),
        Person.family_name.label("own_family_name"),
        Person.email.label("own_email"),
        Person.email_confirmed_at,
        Person.locale,
        Organization.id.label("organization_id"),
        Organization.slug,
        Organization.name,
        Organization.uses_sso,
        Membership.title,
        Membership.unit,
        Membership.is_main_user,
        Membership.is_it_admin,
        Membership.source,
        Membership.synced_at,
        Membership.given_name,
        Membership.family_name,
        Membership.email,
        select(Link.address)
        .where(
            Link.person_id == Grant.person_id,
            Link.purpose == Purpose.EMAIL.value,
            Link.used_at.is_(None),
            Link.voided_at.is_(None),
            Link.expires_at > bindparam("now"),
        )
        .order_by(Link.requested_at.desc())
        .limit(1)
        .scalar_subquery()
        .label("pending_email"),
    )
    .select_from(Grant)
    .join(Person, Person.id == Grant.person_id)
    .join(SessionRecord, SessionRecord.id == Grant.session_id)
    .join(
        Membership,
        (Membership.person_id == Grant.person_id)
        & (Membership.organization_id == Grant.organization_id),
    )
    .join(Organization, Organization.id == Grant.organization_id)
    .where(
        Grant.id == bindparam("grant"),
        Grant.revoked_at.is_(None),
        Grant.code_used_at.is_not(None),
        Grant.expires_at > bindparam("now"),
        SessionRecord.ended_at.is_(None),
        SessionRecord.created_at >= Person.valid_since,
        # Asked for, access goes on when a session runs out; signing out ends that too.
        or_(SessionRecord.expires_at > bindparam("now"), Grant.scope.contains("offline_access")),
        Person.locked_at.is_(None),
        Membership.locked_at.is_(None),
        Organization.suspended_at.is_(None),
        ~exists().where(RevokedToken.jti == bindparam("jti")),
    )
)


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
        _ISSUE,
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


def spend_code(
    tx: Transaction, code: str, client_id: str, *, lifetimes: Lifetimes, by: Actor
) -> Spent | None:
    """Spend ``code``; None if unknown, expired, spent or another client's.

    A second use revokes what the first one gave (RFC 6749 section 4.1.2).
    """
    now, presented = utcnow(), digest(code)
    spent = tx.first(
        _SPEND_CODE,
        presented=presented,
        client=client_id,
        now=now,
        ends_at=now + lifetimes.refresh_token,
    )
    if spent:
        return Spent(
            grant_id=spent.id,
            redirect_uri=spent.redirect_uri,
            code_challenge=spent.code_challenge,
        )
    known = tx.first(_OF_CODE, presented=presented, client=client_id)
    if known and known.code_used_at:
        revoke(tx, known.id, event=Event.CODE_REPLAYED, by=by)
    return None


def rotate(
    tx: Transaction, token: RefreshToken, client_id: str, *, lifetimes: Lifetimes, by: Actor
) -> int | None:
    """Move the family on to its next generation and return that; None if the token is dead.

    The token before the one in force gets its lost answer again within the grace, without a fork;
    any older one kills the family, as does a generation that was never issued.
    """
    now = utcnow()
    if tx.first(
        _ROTATE, grant=token.grant_id, client=client_id, presented=token.generation, now=now
    ):
        return token.generation + 1
    row = standing(tx, token.grant_id)
    if row is None or row.client_id != client_id:
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
    return tx.first(_STANDING, grant=grant_id, jti=jti, now=utcnow())


def revoke(tx: Transaction, grant_id: str, *, event: Event, by: Actor) -> None:
    """Kill a grant and all its tokens; a dead one stays dead."""
    revoked = tx.first(_REVOKE, grant=grant_id, now=utcnow())
    if revoked:
        record(
            tx,
            event,
            by=by,
            organization_id=revoked.organization_id,
            target_id=revoked.person_id,
            grant=grant_id,
        )
