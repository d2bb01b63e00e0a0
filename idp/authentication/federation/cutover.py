"""What switching on would mean, person by person: a function of facts, no store.

Who comes in afterwards is who the upstream says they are; an account is linked to that by design
idea 4 alone. So each person of the organization has one fate, and each username that the IT person
expects and that no person here holds is somebody new. Nothing is said of whether such a username
exists elsewhere: asking would tell who is a customer.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

UNDO = timedelta(days=14)
"""For how long switching on can be taken back, everybody's password with it."""


class Fate(StrEnum):
    """What becomes of a person at their first arrival; ``connection.fate.<value>`` says it."""

    LINKED = "linked"
    MATCHED = "matched"
    APPROVED = "approved"
    PROOF = "proof"
    ABSENT = "absent"
    LOCKED = "locked"


CONFLICTS = (Fate.PROOF, Fate.ABSENT)
"""Fates that the main user should look at before switching on."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """What bears on a person's fate."""

    person_id: str
    username_key: str
    """NFKC, case-folded, as in the ledger."""
    is_created_here: bool
    """Whether this organization formed the account: it alone may link it by itself (idea 4a)."""
    is_linked: bool
    is_approved: bool
    is_elsewhere: bool
    """Whether the account opens another organization too, which keeps asking for its own way in."""
    is_locked: bool = False


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The whole, to be counted by IT and looked into by the main user."""

    fates: tuple[tuple[Member, Fate], ...]
    newcomers: tuple[str, ...]
    """Expected usernames that nobody here holds."""
    repeated: tuple[str, ...]
    """Expected usernames that are in the list more than once: two people, one account."""

    @property
    def counts(self) -> dict[Fate, int]:
        """How many have each fate, none left out."""
        counted = Counter(fate for _, fate in self.fates)
        return {fate: counted[fate] for fate in Fate}

    @property
    def elsewhere(self) -> int:
        """How many are in other organizations too."""
        return sum(member.is_elsewhere for member, _ in self.fates)

    def of(self, *wanted: Fate) -> list[Member]:
        """The people with one of these fates."""
        return [member for member, fate in self.fates if fate in wanted]


def preview(members: Iterable[Member], expected: Collection[str] | None) -> Preview:
    """What becomes of everybody; ``expected`` are folded usernames, None where nobody told them."""
    everybody = list(members)
    known = {member.username_key for member in everybody}
    counted = Counter(expected or ())
    return Preview(
        fates=tuple((member, fate(member, expected)) for member in everybody),
        newcomers=tuple(sorted(counted.keys() - known)),
        repeated=tuple(sorted(key for key, times in counted.items() if times > 1)),
    )


def fate(member: Member, expected: Collection[str] | None) -> Fate:
    """What becomes of one person; the first that applies."""
    if member.is_locked:
        return Fate.LOCKED
    if member.is_linked:
        return Fate.LINKED
    if expected is not None and member.username_key not in expected:
        return Fate.ABSENT
    if member.is_approved:
        return Fate.APPROVED
    return Fate.MATCHED if member.is_created_here else Fate.PROOF
