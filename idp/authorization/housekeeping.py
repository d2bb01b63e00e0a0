"""Forgetting: rows that have ended and that nothing asks about any more, in bounded batches."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from idp.authentication.federation.models import SpentAnswer, SsoAttempt
from idp.authentication.models import Link, SessionRecord
from idp.authorization.models import (
    DeviceRequest,
    Grant,
    PushedRequest,
    RevokedToken,
    SpentAssertion,
    SpentProof,
)
from idp.foundation import outbox
from idp.foundation.clock import utcnow
from idp.foundation.database import Database, Statement, Transaction

_BATCH = 1000
_OUTBOX_KEPT = timedelta(days=30)


def _delete(key: Any, *conditions: Any) -> Statement:
    doomed = select(key).where(*conditions).limit(_BATCH)
    return Statement(delete(key.class_).where(key.in_(doomed.scalar_subquery())))


_BEFORE: Any = bindparam("before")
_RULES: tuple[tuple[Statement, timedelta], ...] = (
    (_delete(RevokedToken.jti, RevokedToken.expires_at < _BEFORE), timedelta(0)),
    (
        _delete(SpentAssertion.jti, SpentAssertion.expires_at < _BEFORE),
        timedelta(0),
    ),
    # A day on, so that a sign-in page left open still finds its request to spend.
    (_delete(PushedRequest.digest, PushedRequest.expires_at < _BEFORE), timedelta(days=1)),
    (_delete(SpentProof.digest, SpentProof.expires_at < _BEFORE), timedelta(0)),
    (_delete(DeviceRequest.id, DeviceRequest.expires_at < _BEFORE), timedelta(days=1)),
    # A day on, so that a late replay of a code or refresh token is still recognized as one.
    (_delete(Grant.id, Grant.expires_at < _BEFORE), timedelta(days=1)),
    (
        _delete(
            SessionRecord.id,
            SessionRecord.expires_at < _BEFORE,
            ~select(Grant.id).where(Grant.session_id == SessionRecord.id).exists(),
        ),
        timedelta(days=30),
    ),
    (_delete(SsoAttempt.id, SsoAttempt.expires_at < _BEFORE), timedelta(days=1)),
    (Statement(delete(SpentAnswer).where(SpentAnswer.expires_at < _BEFORE)), timedelta(0)),
    (_delete(Link.id, Link.expires_at < _BEFORE), timedelta(days=90)),
)


def purge(database: Database) -> int:
    """Delete one batch of each kind; how many rows went."""
    now, gone = utcnow(), 0
    for statement, kept in _RULES:
        with database.transaction() as tx:
            gone += tx.run(statement, before=now - kept)
    with database.transaction() as tx:
        gone += outbox.forget(tx, before=now - _OUTBOX_KEPT)
    return gone


def void_all(tx: Transaction) -> None:
    """End every session and void every link, code, device code and refresh token.

    In a store that was put back to an earlier moment, what was spent since is unspent again.
    """
    now = utcnow()
    for model, column, *open_ones in (
        (SessionRecord, SessionRecord.ended_at, SessionRecord.ended_at.is_(None)),
        (Link, Link.voided_at, Link.voided_at.is_(None), Link.used_at.is_(None)),
        (Grant, Grant.revoked_at, Grant.revoked_at.is_(None)),
        (DeviceRequest, DeviceRequest.expires_at, DeviceRequest.expires_at > now),
    ):
        tx.session.execute(update(model).where(*open_ones).values({column: now}))
