"""Memory for what may vanish at any moment: limits, caches, news of changes. Never a fact.

`Memory` is this process's own, `Shared` (Redis) one for all nodes; `connect` chooses. Both keep the
same contract (tests/foundation/test_ephemeral.py), and losing either costs nobody a sign-in.
"""

from idp.foundation.ephemeral.contract import Ephemeral, Pace, Turn
from idp.foundation.ephemeral.memory import Memory

__all__ = ["Ephemeral", "Memory", "Pace", "Turn", "connect"]


def connect(url: str) -> Ephemeral:
    """The memory at a ``redis://``, ``rediss://`` or ``unix://`` address; empty means our own."""
    if not url:
        return Memory()
    # Redis's client takes a quarter of a second to import, which a node without it need not wait.
    from idp.foundation.ephemeral.shared import Shared  # noqa: PLC0415

    return Shared(url)
