"""Tickets decrypted and judged by the system's Kerberos library (RFC 4121), keys in memory only.

The library is the extra ``kerberos``: it needs MIT Kerberos on the machine, so it is asked for only
where a connection of this kind is used, and its lack is that connection's trouble alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import ModuleType

from idp.authentication.federation.kerberos import keytab
from idp.authentication.federation.kerberos.token import Offer
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.foundation.clock import utcnow

MISSING = "gssapi, of the extra kerberos, is not installed"
_MECHANISM = "1.2.840.113554.1.2.2"
_TABLE = -1765328384
"""Where the protocol's own error numbers start among MIT's."""
_REASONS = {
    31: Reason.KERBEROS_KEY,  # KRB_AP_ERR_BAD_INTEGRITY, RFC 4120 section 7.5.9
    32: Reason.KERBEROS_EXPIRED,
    33: Reason.KERBEROS_SKEW,  # KRB_AP_ERR_TKT_NYV
    34: Reason.REPLAYED,
    35: Reason.KERBEROS_SERVICE,  # KRB_AP_ERR_NOT_US
    37: Reason.KERBEROS_SKEW,
    41: Reason.KERBEROS_KEY,  # KRB_AP_ERR_MODIFIED
    44: Reason.KERBEROS_KEY,  # KRB_AP_ERR_BADKEYVER
    45: Reason.KERBEROS_KEY,  # KRB_AP_ERR_NOKEY
}


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What a ticket proved."""

    principal: str
    lifetime: timedelta
    """How long it lasts."""
    answer: bytes = field(repr=False)
    """What proves us to the browser; empty where it did not ask."""


@cache
def library() -> ModuleType | None:
    """The library; None where it is not installed."""
    try:
        import gssapi  # noqa: PLC0415
    except ImportError:
        return None
    found: ModuleType = gssapi  # Untyped where it is missing.
    return found


def check(service: str, content: bytes) -> None:
    """Go on where tickets for this service principal can be accepted at all."""
    with _key(service, content):
        pass


def accept(offer: Offer, service: str, content: bytes) -> Accepted:
    """What the offer proves to ``service``, whose keytab this is; FederationRefused."""
    gssapi = _required()
    with _key(service, content) as credentials:
        try:
            found = gssapi.raw.accept_sec_context(offer.message, acceptor_creds=credentials)
        except gssapi.exceptions.GSSError as error:
            raise _refused(error.min_code, offer, service) from error
    # Delegated credentials, should a browser send some, are let go here: they are never used.
    if found.more_steps:
        raise FederationRefused(Reason.KERBEROS_UNREADABLE, expected="one AP-REQ")
    name = gssapi.raw.display_name(found.initiator_name, name_type=False).name
    return Accepted(
        principal=name.decode("utf-8", "replace"),
        lifetime=timedelta(seconds=min(max(found.lifetime or 0, 0), 7 * 86400)),
        answer=found.token or b"",
    )


def _required() -> ModuleType:
    found = library()
    if found is None:
        raise FederationRefused(Reason.KERBEROS_UNAVAILABLE, expected="gssapi", received=MISSING)
    return found


@contextmanager
def _key(service: str, content: bytes) -> Iterator[object]:
    """Credentials to accept with; the keytab is a file without a name, in memory."""
    gssapi = _required()
    try:
        ours = keytab.only(content, service)
    except keytab.Unusable as error:
        raise FederationRefused(
            Reason.KERBEROS_UNAVAILABLE, expected=f"AES: {service}", field="keytab"
        ) from error
    descriptor = os.memfd_create("keytab")
    try:
        os.write(descriptor, ours)
        yield gssapi.Credentials(
            name=gssapi.Name(service, gssapi.NameType.kerberos_principal),
            usage="accept",
            mechs=[gssapi.OID.from_int_seq(_MECHANISM)],
            store={"keytab": f"FILE:/proc/self/fd/{descriptor}"},
        )
    finally:
        os.close(descriptor)


def _refused(minor: int, offer: Offer, service: str) -> FederationRefused:
    """The library's number as a reason of ours; the whole pair is for IT."""
    number = minor - 2**32 - _TABLE if minor >= 2**31 else minor
    reason = _REASONS.get(number, Reason.KERBEROS_UNREADABLE)
    if reason is Reason.KERBEROS_SKEW:
        return FederationRefused(reason, expected=f"{utcnow():%Y-%m-%dT%H:%M:%SZ} ± 5 min")
    return FederationRefused(
        reason,
        expected=service,
        received=f"{offer.service}@{offer.realm}, {offer.key} (KRB {number})",
    )
