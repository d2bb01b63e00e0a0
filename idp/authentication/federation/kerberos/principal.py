"""Whom a principal names, and how it becomes attributes that a mapping can use."""

import re
from collections.abc import Mapping

from idp.authentication.federation.reasons import FederationRefused, Reason

_PERSON = re.compile(r"[^@/\\\s$]{1,200}")
"""One component: a service has two, a computer ends with a dollar, a backslash quotes."""


def attributes(principal: str, realm: str) -> Mapping[str, tuple[str, ...]]:
    """``principal``, ``name``, ``realm`` and ``upn`` of a person of this realm; FederationRefused.

    Upper and lower case differ in a realm (RFC 4120 section 6.1); a trust between realms lets no
    person of another in, for it is not this organization that vouches for them.
    """
    name, _, theirs = principal.rpartition("@")
    if theirs != realm:
        raise FederationRefused(Reason.KERBEROS_REALM, expected=realm, received=theirs)
    if not _PERSON.fullmatch(name):
        kind = "computer" if name.endswith("$") else "service"
        raise FederationRefused(Reason.KERBEROS_PRINCIPAL, expected="person", received=kind)
    return {
        "principal": (principal,),
        "name": (name,),
        "realm": (realm,),
        "upn": (f"{name}@{realm.lower()}",),
    }
