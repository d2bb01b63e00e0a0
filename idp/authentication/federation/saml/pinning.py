"""What a refreshed metadata document may change by itself, and what waits for a person.

Trust was given once by a person who pasted the metadata or named its address. A later document
carries it on only if something we already trust stands for it: a signature on the document by a
pinned key, or a pinned key still present beside the new one, which is how a change is announced. A
document in which every key is new is what a stolen domain or a mistaken address looks like; it
waits, the pinned keys go on counting, and the organization's IT is told.
"""

from dataclasses import dataclass
from enum import StrEnum

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.metadata import IdentityProvider


class Verdict(StrEnum):
    """What becomes of a refreshed document."""

    UNCHANGED = "unchanged"
    TAKEN = "taken"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """A verdict, and the certificates that come and go by it (or would, while it waits)."""

    verdict: Verdict
    added: tuple[Certificate, ...] = ()
    removed: tuple[Certificate, ...] = ()


def judge(
    pinned: IdentityProvider, fetched: IdentityProvider, *, signed_by_pinned: bool
) -> Refresh:
    """Decide on a refreshed document; METADATA_ENTITY where it is somebody else's."""
    if fetched.entity_id != pinned.entity_id:
        raise FederationRefused(
            Reason.SAML_METADATA_ENTITY, expected=pinned.entity_id, received=fetched.entity_id
        )
    old = {certificate.key_id for certificate in pinned.certificates}
    new = {certificate.key_id for certificate in fetched.certificates}
    added = tuple(each for each in fetched.certificates if each not in pinned.certificates)
    removed = tuple(each for each in pinned.certificates if each not in fetched.certificates)
    if fetched == pinned:
        verdict = Verdict.UNCHANGED
    else:
        verdict = Verdict.TAKEN if signed_by_pinned or old & new else Verdict.WAITING
    return Refresh(verdict=verdict, added=added, removed=removed)
