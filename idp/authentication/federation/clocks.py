"""Whose clock is off, as far as a refusal tells: a function of its two texts."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.authentication.federation.reasons import Reason

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What a comparison of times shows."""

    is_ahead: bool
    """Whether the other side's clock is ahead of ours; else behind, or its answer was slow."""
    by: timedelta


def clock(reason: str, expected: str, received: str) -> Clock | None:
    """What the times say; None where the refusal is not about times, or names none.

    An answer that is not valid yet was dated by a clock ahead of ours; one that is over was dated
    by a clock behind it, or took long on the way. Which text holds our time matters to neither.
    """
    if reason not in (Reason.NOT_YET_VALID.value, Reason.EXPIRED.value):
        return None
    ours, theirs = _MOMENT.search(expected), _MOMENT.search(received)
    if ours is None or theirs is None:
        return None
    apart = abs(_read(ours[0]) - _read(theirs[0]))
    return Clock(is_ahead=reason == Reason.NOT_YET_VALID.value, by=apart)


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
