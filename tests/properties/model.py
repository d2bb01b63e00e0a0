"""What should count in a provider: grants by codes, with their tokens, as a few facts each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.foundation.clock import utcnow
from tests.dpop import ProofKey, ProvingParty
from tests.provider import TestBrowser
from tests.relying_party import RelyingParty

CODE, ACCESS_TOKEN, GRACE, FAMILY = (
    timedelta(seconds=60),
    timedelta(minutes=10),
    timedelta(seconds=30),
    timedelta(days=30),
)


class PunctualKey(ProofKey):
    """A key whose proofs are made by the provider's clock, which the walk moves."""

    def proof(self, *given: Any, **changes: Any) -> str:
        return super().proof(*given, **{"iat": int(utcnow().timestamp())} | changes)


@dataclass(kw_only=True, eq=False)
class Session:
    """A browser that somebody signed in at."""

    browser: TestBrowser
    is_over: bool = False


@dataclass(kw_only=True, eq=False)
class Client:
    """A relying party, with a key for DPoP or without."""

    party: RelyingParty
    proving: ProvingParty | None = None
    is_disabled: bool = False

    @property
    def asks(self) -> RelyingParty | ProvingParty:
        """Who asks for tokens and presents them."""
        return self.proving or self.party


@dataclass(kw_only=True, eq=False)
class AccessToken:
    """An access token and what was done to it alone."""

    value: str
    made_at: datetime = field(default_factory=utcnow)
    is_revoked: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether it counts no more, whatever became of its grant."""
        return self.is_revoked or utcnow() >= self.made_at + ACCESS_TOKEN


@dataclass(kw_only=True, eq=False)
class Grant:
    """What began by one code."""

    client: Client
    session: Session
    code: str
    begun_at: datetime = field(default_factory=utcnow)
    is_spent: bool = False
    is_dead: bool = False
    redeemed_at: datetime | None = None
    refreshed_at: datetime | None = None
    refresh_tokens: list[str] = field(default_factory=list)
    access_tokens: list[AccessToken] = field(default_factory=list)

    @property
    def may_redeem(self) -> bool:
        """Whether the code still gives tokens."""
        return not self.is_spent and not self.is_dead and utcnow() < self.begun_at + CODE

    @property
    def lives(self) -> bool:
        """Whether what it gave counts."""
        return (
            self.redeemed_at is not None
            and not self.is_dead
            and not self.client.is_disabled
            and utcnow() < self.redeemed_at + FAMILY
        )

    def is_in_grace(self, generation: int) -> bool:
        """Whether the answer to this refresh token may be asked again."""
        was_last = generation == len(self.refresh_tokens) - 2
        return was_last and self.refreshed_at is not None and utcnow() <= self.refreshed_at + GRACE

    def keep(self, answer: dict[str, Any]) -> None:
        """Remember the tokens of a token response."""
        self.access_tokens.append(AccessToken(value=answer["access_token"]))
        if answer["refresh_token"] not in self.refresh_tokens:
            self.refresh_tokens.append(answer["refresh_token"])
