"""Browsers on their way to an upstream: begun, answered once, and only where they set out.

An attempt's one answer is taken by a conditional UPDATE. A posted answer (SAML) comes without our
cookies, being cross-site: its verified identity waits under a one-time handle for the GET that
brings them. What is secret of an attempt lies sealed with its id as context.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, null, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from idp.authentication.federation.identity import ExternalIdentity, UpstreamLogout
from idp.authentication.federation.models import SpentAnswer, SsoAttempt
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.clock import utcnow
from idp.foundation.database import Statement, Transaction
from idp.foundation.sealed import KeyRing, Unopenable
from idp.foundation.secrets import digest, equal, random_id, random_token

LIFETIME = timedelta(minutes=30)
"""How long an upstream may keep a person: passwords are looked for, telephones fetched."""
HANDLE_LIFETIME = timedelta(minutes=2)
"""How long a posted answer waits for the browser that posted it."""
SIGN_IN, SILENT = "sign_in", "silent"
"""The purposes of a sign-in: with pages, and with none (``prompt=none``)."""
UNASKED = "unasked"
"""The purpose of an attempt that no browser began."""
_KEPT, _IDENTITY, _REFUSAL = "sso attempt", "sso identity", "sso refusal"

_INSERT = Statement(
    insert(SsoAttempt).values(
        {
            name: bindparam(name)
            for name in (
                *("id", "connection_id", "browser", "purpose", "sealed_request", "sealed_kept"),
                *("begun_at", "expires_at"),
            )
        }
    )
)
_READ = Statement(select(SsoAttempt).where(SsoAttempt.id == bindparam("attempt")))
_SPEND = Statement(
    update(SsoAttempt)
    .where(SsoAttempt.id == bindparam("attempt"), SsoAttempt.spent_at.is_(None))
    .values(spent_at=bindparam("now"))
)
_PARK = Statement(
    update(SsoAttempt)
    .where(SsoAttempt.id == bindparam("attempt"), SsoAttempt.spent_at.is_(None))
    .values(
        spent_at=bindparam("now"), handle=bindparam("new_handle"), sealed_identity=bindparam("who")
    )
)
_HOLD = Statement(
    update(SsoAttempt)
    .where(SsoAttempt.id == bindparam("attempt"))
    .values(handle=bindparam("new_handle"), sealed_identity=bindparam("who"), finished_at=null())
)
_READ_PARKED = Statement(select(SsoAttempt).where(SsoAttempt.handle == bindparam("presented")))
_FINISH = Statement(
    update(SsoAttempt)
    .where(SsoAttempt.handle == bindparam("presented"), SsoAttempt.finished_at.is_(None))
    .values(finished_at=bindparam("now"), sealed_identity=null())
)

_SPEND_ID = Statement(
    # SQLite's dialect knows this clause of PostgreSQL's too.
    insert_once(SpentAnswer)
    .values(
        connection_id=bindparam("connection"),
        id=bindparam("answer"),
        expires_at=bindparam("until"),
    )
    .on_conflict_do_nothing()
)


def begin(
    tx: Transaction,
    keyring: KeyRing,
    *,
    attempt_id: str,
    connection_id: str,
    browser: str,
    purpose: str,
    sealed_request: str | None,
    kept: Mapping[str, str],
) -> None:
    """Note that ``browser`` sets out."""
    now = utcnow()
    tx.run(
        _INSERT,
        id=attempt_id,
        connection_id=connection_id,
        browser=digest(browser),
        purpose=purpose,
        sealed_request=sealed_request,
        sealed_kept=keyring.seal_json(_KEPT, dict(kept), attempt_id),
        begun_at=now,
        expires_at=now + LIFETIME,
    )


def find(tx: Transaction, attempt_id: str) -> Any:
    """The attempt's row, spent or expired too; None if there is none."""
    return tx.first(_READ, attempt=attempt_id) if _is_id(attempt_id) else None


def parked(tx: Transaction, handle: str) -> Any:
    """The row of the attempt whose posted answer waits under ``handle``; None if there is none."""
    return tx.first(_READ_PARKED, presented=digest(handle))


def require_open(row: Any, connection_id: str) -> None:
    """Go on where the attempt is this connection's and may still be answered."""
    if row is None or row.connection_id != connection_id:
        raise FederationRefused(Reason.ATTEMPT_UNKNOWN)
    if row.spent_at is not None:
        raise FederationRefused(Reason.ATTEMPT_USED)
    if row.expires_at <= utcnow():
        raise FederationRefused(Reason.ATTEMPT_EXPIRED)


def require_browser(row: Any, browser: str | None) -> None:
    """Go on where the browser at hand is the one that set out, or none did."""
    if row.purpose == UNASKED:
        return
    if browser is None or not equal(row.browser, digest(browser)):
        raise FederationRefused(Reason.OTHER_BROWSER)


def kept(keyring: KeyRing, row: Any) -> dict[str, str]:
    """What the protocol asked to keep."""
    return keyring.unseal_json(_KEPT, row.sealed_kept, row.id)


def spend(tx: Transaction, row: Any) -> None:
    """Take the attempt's one answer; FederationRefused where somebody was quicker."""
    if not tx.run(_SPEND, attempt=row.id, now=utcnow()):
        raise FederationRefused(Reason.ATTEMPT_USED)


def park(tx: Transaction, keyring: KeyRing, row: Any, identity: ExternalIdentity) -> str:
    """Take the attempt's one answer and let it wait for its browser; the one-time handle."""
    handle = random_token()
    who = keyring.seal(_IDENTITY, _plain(identity), row.id)
    if not tx.run(_PARK, attempt=row.id, now=utcnow(), new_handle=digest(handle), who=who):
        raise FederationRefused(Reason.ATTEMPT_USED)
    return handle


def park_unasked(tx: Transaction, keyring: KeyRing, identity: ExternalIdentity) -> str:
    """Let an answer that nobody set out for wait likewise; the one-time handle.

    Its attempt is born answered and no browser's: whoever brings the handle has it.
    """
    attempt_id = random_id()
    begin(
        tx,
        keyring,
        attempt_id=attempt_id,
        connection_id=identity.connection_id,
        browser="",
        purpose=UNASKED,
        sealed_request=None,
        kept={},
    )
    return park(tx, keyring, find(tx, attempt_id), identity)


def hold(tx: Transaction, keyring: KeyRing, row: Any, identity: ExternalIdentity) -> str:
    """Let an answer already taken wait for what it still needs; the one-time handle."""
    handle = random_token()
    who = keyring.seal(_IDENTITY, _plain(identity), row.id)
    tx.run(_HOLD, attempt=row.id, new_handle=digest(handle), who=who)
    return handle


def collect(
    tx: Transaction,
    keyring: KeyRing,
    row: Any,
    handle: str,
    *,
    within: timedelta = HANDLE_LIFETIME,
) -> ExternalIdentity:
    """The identity that waits under ``handle``, this once, ``within`` a time of its answer."""
    if row.sealed_identity is None or not tx.run(_FINISH, presented=digest(handle), now=utcnow()):
        raise FederationRefused(Reason.ATTEMPT_USED)
    if row.spent_at + within <= utcnow():
        raise FederationRefused(Reason.ATTEMPT_EXPIRED)
    return _identity(keyring.unseal(_IDENTITY, row.sealed_identity, row.id))


def seal_refusal(keyring: KeyRing, attempt_id: str, refusal: FederationRefused) -> str:
    """Why a posted answer was refused, for the GET that tells its browser so."""
    value = {
        "attempt": attempt_id,
        "at": utcnow().timestamp(),
        "why": [refusal.reason.value, refusal.expected, refusal.received, refusal.field],
    }
    return keyring.seal_json(_REFUSAL, value)


def refusal(keyring: KeyRing, sealed: str) -> tuple[str, FederationRefused]:
    """The attempt's id and why; ATTEMPT_UNKNOWN where it is none of ours, or an old one."""
    try:
        value = keyring.unseal_json(_REFUSAL, sealed)
    except Unopenable:
        return "", FederationRefused(Reason.ATTEMPT_UNKNOWN)
    if value["at"] + HANDLE_LIFETIME.total_seconds() <= utcnow().timestamp():
        return value["attempt"], FederationRefused(Reason.ATTEMPT_EXPIRED)
    reason, expected, received, field = value["why"]
    return value["attempt"], FederationRefused(
        Reason(reason), expected=expected, received=received, field=field
    )


def spend_answer(tx: Transaction, identity: ExternalIdentity) -> None:
    """Let the ids of an answer count this once, ever, on every node; FederationRefused after it."""
    for answer, until in identity.spends:
        spend_id(tx, identity.connection_id, answer, until)


def spend_id(tx: Transaction, connection_id: str, answer: str, until: datetime) -> None:
    """Let one id of a connection's message count this once; it is forgotten at ``until``."""
    if not tx.run(_SPEND_ID, connection=connection_id, answer=answer, until=until):
        raise FederationRefused(Reason.REPLAYED)


def _is_id(text: str) -> bool:
    return len(text) <= 100 and text.isascii() and text.isprintable()


def _plain(identity: ExternalIdentity) -> bytes:
    value = {**vars(identity), "logout": vars(identity.logout), "spends": ()}
    for name in ("auth_time", "session_ends_at"):
        value[name] = value[name].timestamp() if value[name] else None
    return json.dumps(value, separators=(",", ":")).encode()


def _identity(text: bytes) -> ExternalIdentity:
    value = json.loads(text)
    moments = {
        name: datetime.fromtimestamp(value[name], UTC) if value[name] else None
        for name in ("auth_time", "session_ends_at")
    }
    return ExternalIdentity(
        **{
            **value,
            **moments,
            "methods": tuple(value["methods"]),
            "spends": (),
            "logout": UpstreamLogout(**value["logout"]),
            "attributes": {name: tuple(each) for name, each in value["attributes"].items()},
        }
    )
