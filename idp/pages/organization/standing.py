"""How somebody stands in the organization, in a word."""

from enum import StrEnum


class Standing(StrEnum):
    """The word; the first that fits."""

    LOCKED_EVERYWHERE = "locked_everywhere"
    LOCKED = "locked"
    FEDERATED = "federated"
    ACTIVE = "active"
    WAITING = "waiting"

    @property
    def tone(self) -> str:
        """The colour that goes with it."""
        return _TONES[self]


_TONES = {
    Standing.LOCKED_EVERYWHERE: "danger",
    Standing.LOCKED: "neutral",
    Standing.FEDERATED: "success",
    Standing.ACTIVE: "success",
    Standing.WAITING: "info",
}


def standing(
    *, is_person_locked: bool, is_locked: bool, is_managed: bool, has_password: bool
) -> Standing:
    """How somebody stands; ``is_managed``: the organization's single sign-on lets them in."""
    if is_person_locked:
        return Standing.LOCKED_EVERYWHERE
    if is_locked:
        return Standing.LOCKED
    if is_managed:
        return Standing.FEDERATED
    return Standing.ACTIVE if has_password else Standing.WAITING
