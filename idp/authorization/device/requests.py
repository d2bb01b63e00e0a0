"""Device requests in the store: begun by a device, answered once, redeemed once (RFC 8628)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from idp.audit import Actor, Event, record
from idp.authentication.session import Place, Session
from idp.authorization import grants
from idp.authorization.acr import acr
from idp.authorization.device import user_codes
from idp.authorization.models import DeviceRequest
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing
from idp.foundation.secrets import digest, random_id, random_token

INTERVAL = 5
"""Seconds between two polls at first; as many more whenever a device asks too soon (3.5)."""

_BEGIN = Statement(
    insert(DeviceRequest).values(
        {
            name: bindparam(name)
            for name in (
                *("id", "client_id", "code_digest", "user_code", "scope", "resource", "network"),
                *("issued_at", "expires_at", "interval", "is_approved"),
            )
        }
    )
)
_OPEN = (DeviceRequest.answered_at.is_(None), DeviceRequest.expires_at > bindparam("now"))
_SHOWN = (
    DeviceRequest.id,
    DeviceRequest.client_id,
    DeviceRequest.scope,
    DeviceRequest.network,
    DeviceRequest.issued_at,
)
_BY_USER_CODE = Statement(
    select(*_SHOWN).where(DeviceRequest.user_code == bindparam("tag"), *_OPEN)
)
_BY_ID = Statement(select(*_SHOWN).where(DeviceRequest.id == bindparam("request"), *_OPEN))
_ANSWER = Statement(
    update(DeviceRequest)
    .where(DeviceRequest.id == bindparam("request"), *_OPEN)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                *("answered_at", "is_approved", "person_id", "session_id", "organization_id"),
                *("auth_time", "amr", "acr"),
            )
        }
    )
    .returning(DeviceRequest.client_id)
)
_OF_DEVICE = (
    DeviceRequest.code_digest == bindparam("presented"),
    DeviceRequest.client_id == bindparam("client"),
)
_REDEEM = Statement(
    update(DeviceRequest)
    .where(
        *_OF_DEVICE,
        DeviceRequest.is_approved.is_(True),
        DeviceRequest.redeemed_at.is_(None),
        DeviceRequest.expires_at > bindparam("now"),
    )
    .values(redeemed_at=bindparam("now"))
    .returning(
        *(DeviceRequest.id, DeviceRequest.scope, DeviceRequest.resource),
        *(DeviceRequest.person_id, DeviceRequest.session_id, DeviceRequest.organization_id),
        *(DeviceRequest.auth_time, DeviceRequest.amr, DeviceRequest.acr),
    )
)
_LOOK = Statement(
    select(
        *(DeviceRequest.id, DeviceRequest.answered_at, DeviceRequest.is_approved),
        *(DeviceRequest.redeemed_at, DeviceRequest.expires_at),
        *(DeviceRequest.polled_at, DeviceRequest.interval),
    ).where(*_OF_DEVICE)
)
_POLLED = Statement(
    update(DeviceRequest)
    .where(DeviceRequest.id == bindparam("request"))
    .values(polled_at=bindparam("now"), interval=bindparam("seconds"))
)


class State(Enum):
    """Why a device gets no tokens (section 3.5)."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    TOO_SOON = "too soon"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What the device is told, this once."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    expires_in: timedelta


def begin(
    tx: Transaction,
    keyring: KeyRing,
    *,
    client_id: str,
    scope: str,
    resource: str,
    network: str,
    lifetime: timedelta,
) -> Begun:
    """Begin a request; Conflict where its user code is taken, which one more try mends."""
    now, device_code, user_code = utcnow(), random_token(), user_codes.new_user_code()
    tx.run(
        _BEGIN,
        id=random_id(),
        client_id=client_id,
        code_digest=digest(device_code),
        user_code=user_codes.tag(keyring, user_code),
        scope=scope,
        resource=resource,
        network=network,
        issued_at=now,
        expires_at=now + lifetime,
        interval=INTERVAL,
        is_approved=False,
    )
    return Begun(device_code=device_code, user_code=user_code, expires_in=lifetime)


def waiting_for(tx: Transaction, keyring: KeyRing, user_code: str) -> Any:
    """The open request with this user code; None if there is none."""
    found = (
        tx.first(_BY_USER_CODE, tag=t, now=utcnow()) for t in user_codes.tags(keyring, user_code)
    )
    return next((row for row in found if row), None)


def waiting(tx: Transaction, request_id: str) -> Any:
    """The open request with this id; None once it was answered or has expired."""
    return tx.first(_BY_ID, request=request_id, now=utcnow())


def approve(
    tx: Transaction,
    request_id: str,
    session: Session,
    place: Place,
    *,
    acr_values: Sequence[str],
    by: Actor,
) -> bool:
    """Let the device in as this person in this organization; False if somebody answered before.

    ``acr_values`` are the client's, the most preferred first.
    """
    return _answer(
        tx,
        request_id,
        event=Event.DEVICE_APPROVED,
        by=by,
        is_approved=True,
        person_id=session.person_id,
        session_id=session.id,
        organization_id=place.organization_id,
        auth_time=session.auth_time_in(place),
        amr=session.amr_in(place),
        acr=acr(session, place, acr_values),
    )


def refuse(tx: Transaction, request_id: str, session: Session, *, by: Actor) -> bool:
    """Keep the device out; False if somebody answered before."""
    return _answer(tx, request_id, event=Event.DEVICE_REFUSED, by=by, person_id=session.person_id)


def _answer(
    tx: Transaction,
    request_id: str,
    *,
    event: Event,
    by: Actor,
    person_id: str,
    organization_id: str | None = None,
    is_approved: bool = False,
    session_id: str | None = None,
    auth_time: datetime | None = None,
    amr: str | None = None,
    acr: str | None = None,
) -> bool:
    now = utcnow()
    answered = tx.first(
        _ANSWER,
        request=request_id,
        now=now,
        new_answered_at=now,
        new_is_approved=is_approved,
        new_person_id=person_id,
        new_session_id=session_id,
        new_organization_id=organization_id,
        new_auth_time=auth_time,
        new_amr=amr,
        new_acr=acr,
    )
    if answered is None:
        return False
    record(
        tx,
        event,
        by=by,
        organization_id=organization_id,
        target_id=person_id,
        client=answered.client_id,
    )
    return True


def redeem(tx: Transaction, device_code: str, client_id: str, *, by: Actor) -> Any:
    """What was approved, for the one time it can be redeemed; else the `State` that forbids it.

    A second use revokes what the first one gave, as with authorization codes.
    """
    now, of_device = utcnow(), {"presented": digest(device_code), "client": client_id}
    redeemed = tx.first(_REDEEM, **of_device, now=now)
    if redeemed:
        return redeemed
    known = tx.first(_LOOK, **of_device)
    if known is None:
        return State.UNKNOWN
    if known.redeemed_at:
        grants.revoke(tx, known.id, event=Event.CODE_REPLAYED, by=by)
        return State.UNKNOWN
    if known.answered_at and not known.is_approved:
        return State.REFUSED
    return State.EXPIRED if known.expires_at <= now else _polled(tx, known, now)


def _polled(tx: Transaction, known: Any, now: datetime) -> State:
    """Count the poll; one that came too soon lengthens the interval from now on (3.5)."""
    earliest = known.polled_at and known.polled_at + timedelta(seconds=known.interval)
    is_too_soon = earliest is not None and now < earliest
    seconds = known.interval + INTERVAL if is_too_soon else known.interval
    tx.run(_POLLED, request=known.id, now=now, seconds=seconds)
    return State.TOO_SOON if is_too_soon else State.PENDING
