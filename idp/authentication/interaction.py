"""A sign-in in progress: the authorization request, sealed, carried by the browser that made it.

Nothing is stored here, so several tabs, a restart and the Back button all keep working. The seal is
bound to the browser's random cookie: a link to a middle page gives its sender nothing.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from idp.foundation.clock import utcnow
from idp.foundation.sealed import KeyRing, Unopenable

_PURPOSE = "interaction"
PARAMETER = "request"
"""The query parameter and form field that carries it."""


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """What the browser came for. ``parameters`` are the client's own, validated again on return."""

    parameters: dict[str, str]
    begun_at: datetime
    chosen: str | None = None
    """The organization the person picked on the way."""
    page: str | None = None
    """The page of ours to go on to where no client sent the browser; it never expires."""

    def is_expired(self, lifetime: timedelta) -> bool:
        """Whether the page was left open too long to go on with this very request."""
        return self.page is None and utcnow() > self.begun_at + lifetime

    def is_met_by(self, auth_time: datetime) -> bool:
        """Whether a sign-in at that moment is all that a page of ours waits for."""
        return self.page is not None and auth_time >= self.begun_at

    @property
    def asks_anew(self) -> bool:
        """Whether a proof made before it began is not enough for it."""
        if self.page is not None:
            return bool(self.parameters.get("login_hint"))
        return "login" in self.parameters.get("prompt", "").split() or "max_age" in self.parameters

    def seal(self, keyring: KeyRing, browser: str) -> str:
        """The text the browser carries, opened only by the same browser."""
        begun_at = self.begun_at.timestamp()
        value = [begun_at, self.chosen, self.parameters, self.page]
        return keyring.seal(
            _PURPOSE, json.dumps(value, separators=(",", ":")).encode(), context=browser
        )


def unseal(keyring: KeyRing, text: str | None, browser: str | None) -> Interaction | None:
    """The interaction this browser carries; None if there is none or it is another browser's."""
    if not text or not browser:
        return None
    try:
        value = json.loads(keyring.unseal(_PURPOSE, text, context=browser))
    except Unopenable:
        return None
    begun_at, chosen, parameters, page = value
    return Interaction(
        parameters=parameters,
        begun_at=datetime.fromtimestamp(begun_at, UTC),
        chosen=chosen,
        page=page,
    )
