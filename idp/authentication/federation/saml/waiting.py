"""Metadata that waits for a person, beside what is pinned: what there is to compare."""

from dataclasses import dataclass
from datetime import datetime

from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.metadata import IdentityProvider
from idp.foundation.secrets import base64url_digest


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What the address gives now, and what counts until somebody accepts it."""

    since: datetime
    mark: str
    """Names this very document: what is accepted must be what was compared."""
    pinned: IdentityProvider
    given: IdentityProvider

    @property
    def added(self) -> tuple[Certificate, ...]:
        """The certificates that would count from then on."""
        return tuple(
            each for each in self.given.certificates if each not in self.pinned.certificates
        )

    @property
    def removed(self) -> tuple[Certificate, ...]:
        """Those that would count no more."""
        return tuple(
            each for each in self.pinned.certificates if each not in self.given.certificates
        )


def mark(document: str) -> str:
    """A short name of a document, another for every other."""
    return base64url_digest(document)
