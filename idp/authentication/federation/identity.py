"""What the protocols hand over, and the one shape they all have: the seam of federation.

An upstream protocol is two functions of values. ``begin`` says where the browser goes and what to
keep meanwhile; ``receive`` turns the answer into an `ExternalIdentity` or raises a
`reasons.FederationRefused`. Neither writes anything, knows a person or reads the request at hand;
attempts, replay, binding to the browser and arrival are done around them, once for all protocols.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.authentication.federation.connection import Connection


@dataclass(frozen=True, kw_only=True)
class UpstreamLogout:
    """What is needed to sign out upstream, or to hear of a sign-out there."""

    sid: str | None = None
    """OIDC ``sid`` or SAML ``SessionIndex``."""
    name_id: Mapping[str, str] | None = None
    """The SAML NameID: ``value``, ``format`` and its qualifiers."""
    id_token: str | None = field(default=None, repr=False)
    """The hint for OpenID Connect's end_session_endpoint."""


@dataclass(frozen=True, kw_only=True)
class ExternalIdentity:
    """Who a connection says is at the browser, every check of its protocol passed."""

    connection_id: str
    organization_id: str
    subject: str
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)
    auth_time: datetime
    """When the person last proved who they are there; if it does not say, when it answered."""
    methods: tuple[str, ...] = ()
    """How, in the upstream's words: ``amr`` values or the AuthnContext."""
    session_ends_at: datetime | None = None
    logout: UpstreamLogout = UpstreamLogout()
    spends: tuple[tuple[str, datetime], ...] = ()
    """Ids that count once ever (a SAML assertion's), each with the moment it is forgotten."""
    is_solicited: bool = True
    """Whether a browser of ours set out for it; what came unasked links to no account."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One browser's way to an upstream: what ``begin`` may go by, and ``receive`` finds again."""

    id: str
    """The ``state`` or ``RelayState``: random, opaque, 22 characters."""
    redirect_uri: str
    """Where the answer is to come: the connection's own callback or ACS."""
    begun_at: datetime
    fresh: bool = False
    """Whether the person has to prove anew who they are (``prompt=login``, ``ForceAuthn``)."""
    choose_account: bool = False
    """Whether another account than the last one may be meant (``prompt=select_account``)."""
    silent: bool = False
    """Whether no page may be shown there (``prompt=none``, ``IsPassive``)."""
    login_hint: str | None = None
    locale: str = "fi"
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What ``begin`` asked to keep; empty while it runs."""


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where the browser goes: by redirect, or by a form that posts ``fields`` to ``location``."""

    location: str
    fields: Mapping[str, str] | None = field(default=None, repr=False)
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


class Upstream(Protocol):
    """One protocol, for every connection of its kind."""

    def begin(self, connection: Connection, attempt: Attempt) -> Departure:
        """Where to send the browser; FederationRefused where the upstream cannot be asked."""

    def receive(
        self, connection: Connection, answer: Mapping[str, str], attempt: Attempt | None
    ) -> ExternalIdentity:
        """The identity in ``answer`` (the parameters of the callback's query or the ACS's form).

        ``attempt`` None: the answer came unasked. FederationRefused for all that does not hold.
        """
