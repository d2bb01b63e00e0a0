"""Which device request a browser is about, sealed for that browser between the two pages."""

from dataclasses import dataclass, field

from idp.foundation.sealed import KeyRing, Unopenable

_PURPOSE = "device request"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A device request that somebody knew the user code of."""

    request_id: str
    user_code: str = field(repr=False)

    def seal(self, keyring: KeyRing, browser: str) -> str:
        """The text that the browser carries; a link to the question gives its sender nothing."""
        return keyring.seal(
            _PURPOSE, f"{self.request_id} {self.user_code}".encode(), context=browser
        )


def open_ticket(keyring: KeyRing, text: str | None, browser: str) -> Ticket | None:
    """The ticket of this very browser; None without one."""
    try:
        value = keyring.unseal(_PURPOSE, text or "", context=browser).decode()
    except Unopenable:
        return None
    request_id, user_code = value.split(" ")
    return Ticket(request_id=request_id, user_code=user_code)
