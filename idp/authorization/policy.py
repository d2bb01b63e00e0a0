"""What an authorization request needs next: one decision from facts alone, tested as a table."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import cast

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oidc.core.errors import (
    AccountSelectionRequiredError,
    ConsentRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
)

from idp.authentication.session import Place, Session
from idp.authorization.acr import ACR_VALUES, SSO, acr
from idp.authorization.request.errors import UnmetAuthenticationRequirements


class Page(Enum):
    """A page of ours that the person must see first."""

    SIGN_IN = "/login"
    FIRST_PASSWORD = "/password/forgotten"
    ORGANIZATION = "/login/organization"
    CONSENT = "/authorize/consent"
    SSO = "/sso"
    """The organization's own way in: `Facts.sso_slug` follows."""
    WHICH_SSO = "/login/organization-sso"
    """Which organization's own way in it is, where nobody has said."""


@dataclass(frozen=True, kw_only=True)
class Issue:
    """Nothing more is needed: issue a code for this membership."""

    place: Place


Step = Page | Issue


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What a person has allowed a client, and when they last said so."""

    scope: frozenset[str]
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the decision depends on."""

    prompt: Set[str]
    max_age: timedelta | None
    organization: str | None
    """The slug that the client asks for."""
    required_acr: Set[str]
    """Of these the ``acr`` must be one, where there are any."""
    acr_values: Sequence[str]
    """Which ``acr`` the client prefers, the best first."""
    expected: Set[str]
    """Whom the client expects (``id_token_hint``, a ``sub`` in ``claims``), in its own words."""
    subject: str | None
    """What this client calls the session's person."""
    session: Session | None
    begun_at: datetime | None
    """When this interaction began; None at its first request."""
    chosen: str | None
    """The id of the organization picked in it."""
    consent_scope: Set[str]
    """What the person must have allowed; nothing where the client is our own."""
    consent: Consent | None
    now: datetime
    uses_sso: bool = False
    """Whether people of the organization asked for arrive through a connection of its own."""
    is_framed: bool = False
    """Whether the answer loads in a frame, where no other provider's page would."""

    @property
    def sso_slug(self) -> str | None:
        """The organization whose own way in is due; None where our sign-in page is."""
        if self.organization is not None:
            return self.organization if self.uses_sso else None
        last = self.session.last_way_in if self.session else None
        place = self.place or _wanted(self.session, self.chosen) or last
        return place.slug if place and place.uses_sso else None

    @property
    def place(self) -> Place | None:
        """The organization to act in; None where the person has to choose, or has no way in."""
        return _place(self.session, self.organization, self.chosen) if self.session else None


def next_step(facts: Facts) -> Step:
    """Decide what comes next (OpenID Connect Core sections 3.1.2.1, 3.1.2.3 and 3.1.2.4).

    The first row of the table whose condition holds decides. With ``prompt=none``, and where there
    is no page that could help, raises the row's error; an organization's own way in is asked first,
    once and likewise without a page.
    """
    for condition, page, error in _STEPS:
        if condition(facts):
            if page is None or ("none" in facts.prompt and not _may_ask_silently(condition, facts)):
                raise error
            return _sign_in_page(facts) if page is Page.SIGN_IN else page
    # The table's ORGANIZATION row lets nobody by without a place.
    return Issue(place=cast(Place, facts.place))


def _sign_in_page(facts: Facts) -> Page:
    """Where to sign in: the organization's own way, or ours; as preferred where nobody knows."""
    if facts.sso_slug:
        return Page.SSO
    preferred = next((value for value in facts.acr_values if value in ACR_VALUES), None)
    is_unknown = facts.session is None and facts.organization is None
    return Page.WHICH_SSO if is_unknown and preferred == SSO else Page.SIGN_IN


def _may_ask_silently(condition: Callable[[Facts], bool], facts: Facts) -> bool:
    """Whether the organization's own way in may know the person, and was not asked yet."""
    is_unknown = condition in (_is_signed_out, _needs_its_own_way_in)
    is_first = facts.begun_at is None and not facts.is_framed
    return is_unknown and is_first and facts.sso_slug is not None


def _wants_first_password(facts: Facts) -> bool:
    """prompt=create, until somebody signed in on the way."""
    return "create" in facts.prompt and not _has_just_signed_in(facts)


def _is_signed_out(facts: Facts) -> bool:
    return facts.session is None


def _is_stale(facts: Facts) -> bool:
    """Whether the last sign-in is too old for what the client asks."""
    if facts.session is None or _has_just_signed_in(facts):
        return False
    if "login" in facts.prompt:
        return True
    return (
        facts.max_age is not None
        and facts.now - _signed_in_at(facts.session, facts.place) > facts.max_age
    )


def _is_somebody_else(facts: Facts) -> bool:
    return any(expected != facts.subject for expected in facts.expected)


def _has_to_choose(facts: Facts) -> bool:
    return "select_account" in facts.prompt and facts.chosen is None


def _needs_its_own_way_in(facts: Facts) -> bool:
    """Whether the organization wanted is opened by nothing proved here, and may be by more.

    One that uses single sign-on may know people whom we do not know as its members yet (M9).
    """
    if facts.session is None or facts.place is not None:
        return False
    if facts.organization is None:
        return _wanted(facts.session, facts.chosen) is not None
    return facts.uses_sso or facts.session.place_called(facts.organization) is not None


def _has_no_place(facts: Facts) -> bool:
    return facts.place is None


def _is_not_sure_enough(facts: Facts) -> bool:
    if facts.session is None or facts.place is None or not facts.required_acr:
        return False
    return acr(facts.session, facts.place, facts.acr_values) not in facts.required_acr


def _has_not_consented(facts: Facts) -> bool:
    """Whether anything asked for was never allowed, or is to be asked anew (prompt=consent)."""
    if not facts.consent_scope:
        return False
    if facts.consent is None or not facts.consent_scope <= facts.consent.scope:
        return True
    is_anew = facts.begun_at is not None and facts.consent.given_at >= facts.begun_at
    return "consent" in facts.prompt and not is_anew


_STEPS: tuple[tuple[Callable[[Facts], bool], Page | None, type[OAuth2Error]], ...] = (
    (_wants_first_password, Page.FIRST_PASSWORD, LoginRequiredError),
    (_is_signed_out, Page.SIGN_IN, LoginRequiredError),
    (_is_stale, Page.SIGN_IN, LoginRequiredError),
    (_is_somebody_else, Page.SIGN_IN, LoginRequiredError),
    (_has_to_choose, Page.ORGANIZATION, AccountSelectionRequiredError),
    (_needs_its_own_way_in, Page.SIGN_IN, InteractionRequiredError),
    (_has_no_place, Page.ORGANIZATION, InteractionRequiredError),
    (_is_not_sure_enough, None, UnmetAuthenticationRequirements),
    (_has_not_consented, Page.CONSENT, ConsentRequiredError),
)
"""Condition, the page that helps (None: nothing can), and the error where no page may be shown."""


def _has_just_signed_in(facts: Facts) -> bool:
    return (
        facts.begun_at is not None
        and facts.session is not None
        and _signed_in_at(facts.session, facts.place) >= facts.begun_at
    )


def _signed_in_at(session: Session, place: Place | None) -> datetime:
    """The latest sign-in that counts: another organization's makes none fresh for this one."""
    return session.auth_time_in(place) if place else session.auth_time


def _wanted(session: Session | None, chosen: str | None) -> Place | None:
    """The organization picked, or the only one there is; None where nobody can tell."""
    if session is None:
        return None
    if chosen is not None:
        return session.place(chosen)
    return session.places[0] if len(session.places) == 1 else None


def _place(session: Session, organization: str | None, chosen: str | None) -> Place | None:
    open_places = [place for place in session.places if session.opens(place)]
    if organization is not None:
        return next((place for place in open_places if place.slug == organization), None)
    wanted = chosen or session.organization_id
    for place in open_places:
        if place.organization_id == wanted:
            return place
    return open_places[0] if len(session.places) == len(open_places) == 1 else None
