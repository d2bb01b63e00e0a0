"""Which accounts have signed in at a browser before: those are spared the throttle of strangers."""

from datetime import timedelta

from idp.foundation.parts import Parts
from idp.foundation.secrets import equal

_MAC = "known device"
_KEPT = timedelta(days=365)
_MOST = 5


class KnownAccounts:
    """A cookie of tags, one for each account; a tag says nothing to anybody but us."""

    def __init__(self, parts: Parts) -> None:
        self._keyring = parts.keyring
        self.cookie = parts.cookies.known

    def holds(self, value: str, username_key: str) -> bool:
        """Whether this account has signed in at the browser with that cookie."""
        expected = self._keyring.authenticate_all(_MAC, username_key)
        return any(equal(tag, one) for tag in value.split(".")[:_MOST] for one in expected)

    def remember(self, value: str, username_key: str) -> tuple[str, str, timedelta]:
        """The cookie (name, value, age) with this account added, newest first."""
        tag = self._keyring.authenticate(_MAC, username_key)
        others = [old for old in value.split(".") if old and old != tag]
        return self.cookie, ".".join([tag, *others][:_MOST]), _KEPT
