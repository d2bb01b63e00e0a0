"""When our own keys towards an identity provider change: published early, taken into use later.

Whoever holds our metadata's address sees the next certificate two months before the present one's
date; requests are signed with it from two weeks before. What is encrypted to the old key opens for
as long as the new one is the published one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from idp.authentication.federation.saml import own_keys

PUBLISHED_BEFORE = timedelta(days=60)
USED_BEFORE = timedelta(days=14)


def used_from(ends: datetime, published: datetime) -> datetime:
    """When the next certificate signs in the place of the one that ends then."""
    return max(ends - USED_BEFORE, published + timedelta(days=1))


def renewed(kept: Mapping[str, str], name: str, now: datetime) -> dict[str, str]:
    """The connection's secrets that change now; empty where nothing is due."""
    ends = own_keys.loaded(kept[own_keys.SIGNING]).certificate.not_after
    coming = kept.get(own_keys.NEXT_SIGNING)
    if not coming:
        is_due = now >= ends - PUBLISHED_BEFORE
        return {own_keys.NEXT_SIGNING: own_keys.generate(name, now).dumped()} if is_due else {}
    if now < used_from(ends, own_keys.loaded(coming).certificate.not_before):
        return {}
    return {
        own_keys.SIGNING: coming,
        own_keys.NEXT_SIGNING: "",
        own_keys.ENCRYPTION: own_keys.generate(name, now).dumped(),
        own_keys.OLD_ENCRYPTION: kept[own_keys.ENCRYPTION],
    }
