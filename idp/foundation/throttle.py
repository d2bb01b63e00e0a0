"""Guessing made slow: tries at an account, from a network or both wait ever longer, never for good.

A try counts before its password is looked at, in one step, so that a burst gains nothing; a right
password takes it back. Nothing here asks whether the account exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.errors import Throttled
from idp.foundation.addresses import network_of
from idp.foundation.ephemeral import Ephemeral, Pace
from idp.foundation.secrets import digest

_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def delay(tries: int, *, free: int, longest: timedelta) -> timedelta:
    """How long the next try waits after ``tries``: not, then 1 s, 2 s, 4 s, … ``longest``."""
    if tries < free:
        return timedelta(0)
    return min(_SECOND * (1 << min(tries - free, 32)), longest)


def pace(*, free: int, longest: timedelta, memory: timedelta) -> Pace:
    """`delay` for every number of tries, up to where it no longer grows."""
    delays = [delay(1, free=free, longest=longest)]
    while delays[-1] < longest:
        delays.append(delay(len(delays) + 1, free=free, longest=longest))
    return Pace(delays=tuple(delays), memory=memory)


# Together the first and the third let no day see 100 wrong passwords for one account.
ACCOUNT = pace(free=10, longest=_HOUR, memory=_DAY)
"""Tries at one account from unknown devices, wherever they are."""
PAIR = pace(free=5, longest=timedelta(minutes=15), memory=_DAY)
"""Tries at one account from one network."""
KNOWN_DEVICE = pace(free=10, longest=_HOUR, memory=_DAY)
"""Tries at one account from devices that have signed in to it; strangers cannot slow them."""
NETWORK = pace(free=100, longest=timedelta(minutes=1), memory=_HOUR)
"""Wrong passwords from one network, whatever the account; behind it may be a whole office."""
LINK_ACCOUNT = Pace(
    delays=(*[timedelta(0)] * 2, *[timedelta(minutes=n) for n in (1, 5, 15, 60)]), memory=_DAY
)
"""Mailed links ordered for one account."""
LINK_NETWORK = pace(free=50, longest=timedelta(minutes=1), memory=_HOUR)
"""Mailed links ordered from one network."""
REGISTRATION = pace(free=300, longest=timedelta(minutes=1), memory=_HOUR)
"""What one network asks of client registration."""
DEVICE = pace(free=100, longest=timedelta(minutes=1), memory=_HOUR)
"""Devices of one client that ask for codes from one network."""
USER_CODE = pace(free=20, longest=timedelta(minutes=5), memory=_HOUR)
"""Wrong device codes typed from one network: of 10^12 codes a handful is open at a time."""

HOME = pace(free=300, longest=timedelta(minutes=1), memory=_HOUR)
"""Addresses of one network whose organization's way in is looked for."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A sign-in that may try its password; say afterwards how that went."""

    keys: tuple[str, ...]
    network: str | None
    """What a wrong password counts against too; None for a known device."""
    count: int


class Throttle:
    """The limits of sign-in and of link orders; keys are digests, so that no memory holds names."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral

    def admit(self, account: str, network: str, *, known_device: bool) -> Admission:
        """Let a sign-in try a password; raises Throttled.

        ``account`` is the account's id or the key of what was typed, ``network`` the caller's
        address or its network.
        """
        network = network_of(network)
        paces: Mapping[str, Pace]
        if known_device:
            paces, watched = {_key("known", account): KNOWN_DEVICE}, None
        else:
            watched = _key("network", network)
            paces = {_key("account", account): ACCOUNT, _key("pair", account, network): PAIR}
        turn = self._ephemeral.take_turn(paces, [watched] if watched else [])
        if turn.wait:
            raise Throttled(turn.wait)
        return Admission(keys=tuple(paces), network=watched, count=turn.count)

    def failed(self, admission: Admission) -> None:
        """The password was wrong."""
        if admission.network:
            self._ephemeral.take_turn({admission.network: NETWORK})

    def succeeded(self, admission: Admission) -> None:
        """The password was right: what was tried before is forgotten."""
        # A try or two left behind slow nobody, and most sign-ins are thus spared this call.
        if admission.count > 2:
            self._ephemeral.delete(*admission.keys)

    def admit_order(self, account: str, network: str) -> None:
        """Count the order of a mailed link; raises Throttled, whether or not the account exists."""
        turn = self._ephemeral.take_turn(
            {
                _key("link-account", account): LINK_ACCOUNT,
                _key("link-network", network_of(network)): LINK_NETWORK,
            }
        )
        if turn.wait:
            raise Throttled(turn.wait)

    def admit_registration(self, network: str) -> None:
        """Count a request to register, read or change a client; raises Throttled."""
        turn = self._ephemeral.take_turn({_key("registration", network_of(network)): REGISTRATION})
        if turn.wait:
            raise Throttled(turn.wait)

    def admit_device(self, client_id: str, network: str) -> None:
        """Count a device that asks for codes; raises Throttled."""
        turn = self._ephemeral.take_turn({_key("device", client_id, network_of(network)): DEVICE})
        if turn.wait:
            raise Throttled(turn.wait)

    def admit_home(self, network: str) -> None:
        """Count a look for an organization's way in; raises Throttled, found or not."""
        turn = self._ephemeral.take_turn({_key("home", network_of(network)): HOME})
        if turn.wait:
            raise Throttled(turn.wait)

    def admit_user_code(self, network: str) -> None:
        """Let somebody try a device's user code; raises Throttled after too many wrong ones."""
        turn = self._ephemeral.take_turn({}, [_key("user-code", network_of(network))])
        if turn.wait:
            raise Throttled(turn.wait)

    def wrong_user_code(self, network: str) -> None:
        """The user code was none."""
        self._ephemeral.take_turn({_key("user-code", network_of(network)): USER_CODE})


def _key(kind: str, *names: str) -> str:
    return f"throttle:{kind}:{digest(chr(0).join(names)).hex()}"
