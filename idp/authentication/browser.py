"""What a browser brings in its cookies: its name, its session's secret, its sealed request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.authentication import interaction
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_id


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One browser; ``name`` is random and binds sealed requests to it."""

    name: str
    is_new: bool
    session_secret: str | None = field(repr=False)
    _parts: Parts = field(repr=False)

    @classmethod
    def read(cls, parts: Parts, cookies: Mapping[str, str]) -> "Browser":
        """The browser that sent these cookies; a new name where it has none yet."""
        name = cookies.get(parts.cookies.browser)
        return cls(
            name=name or random_id(),
            is_new=not name,
            session_secret=cookies.get(parts.cookies.session),
            _parts=parts,
        )

    def interaction(self, sealed: str | None) -> interaction.Interaction | None:
        """The request this browser carries; None if there is none or it is another browser's."""
        return interaction.unseal(self._parts.keyring, sealed, None if self.is_new else self.name)

    def new_cookies(self) -> list[tuple[str, str]]:
        """The Set-Cookie header that names a new browser; none for a known one."""
        if not self.is_new:
            return []
        return [self._parts.cookies.header(self._parts.cookies.browser, self.name)]
