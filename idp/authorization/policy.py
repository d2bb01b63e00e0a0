"""What an authorization request needs next: one decision from facts alone, tested as a table."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from authlib.oidc.core.errors import (
    AccountSelectionRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
)

from idp.authentication.session import Place, Session


class Page(Enum):
    """A page of ours that the person must see first."""

    SIGN_IN = "/login"
    ORGANIZATION = "/login/organization"


@dataclass(frozen=True, kw_only=True)
class Issue:
    """Nothing more is needed: issue a code for this membership."""

    place: Place


Step = Page | Issue


def next_step(
    *,
    prompt: Set[str],
    max_age: timedelta | None,
    organization: str | None,
    hinted_person: str | None,
    session: Session | None,
    begun_at: datetime | None,
    chosen: str | None,
    now: datetime,
) -> Step:
    """Decide what comes next (OpenID Connect Core sections 3.1.2.1 and 3.1.2.3).

    ``organization`` is the slug the client asks for; ``hinted_person`` the subject of its
    ``id_token_hint``; ``begun_at`` when this interaction began, None at its first request;
    ``chosen`` the id of the organization picked in it. With ``prompt=none`` raises the error that
    says which page would have been needed.
    """
    silent = "none" in prompt
    if session is None or not _is_fresh(session, prompt, max_age, begun_at, now):
        return _page(Page.SIGN_IN, LoginRequiredError, silent)
    if hinted_person not in (None, session.person_id):
        return _page(Page.SIGN_IN, LoginRequiredError, silent)
    if "select_account" in prompt and chosen is None:
        return _page(Page.ORGANIZATION, AccountSelectionRequiredError, silent)
    place = _place(session, organization, chosen)
    if place is None:
        return _page(Page.ORGANIZATION, InteractionRequiredError, silent)
    return Issue(place=place)


def _is_fresh(
    session: Session,
    prompt: Set[str],
    max_age: timedelta | None,
    begun_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether the last sign-in is recent enough for what the client asks."""
    if begun_at is not None and session.auth_time >= begun_at:
        return True
    if "login" in prompt:
        return False
    return max_age is None or now - session.auth_time <= max_age


def _place(session: Session, organization: str | None, chosen: str | None) -> Place | None:
    """The organization to act in; None where the person has to choose, or has no way in."""
    open_places = [place for place in session.places if session.opens(place)]
    if organization is not None:
        return next((place for place in open_places if place.slug == organization), None)
    wanted = chosen or session.organization_id
    for place in open_places:
        if place.organization_id == wanted:
            return place
    return open_places[0] if len(session.places) == len(open_places) == 1 else None


def _page(page: Page, error: type[Exception], silent: bool) -> Page:
    if silent:
        raise error
    return page
