"""Whom a person turns to in trouble: the main users of their organizations (M16)."""

from dataclasses import dataclass

from idp.authentication.session import Session
from idp.directory import people
from idp.foundation.database import Transaction
from idp.pages.places import chosen_place, open_places

_MOST_ORGANIZATIONS = 3
_MOST_PEOPLE = 3


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """The main users of one organization, each with a name and, if any, an e-mail address."""

    organization: str
    people: tuple[tuple[str, str | None], ...]


def contacts(tx: Transaction, session: Session) -> list[Contacts]:
    """The main users of the person's organizations, of the one they act in first.

    Those whose main user the person is are left out: main users turn to support (M19).
    """
    chosen = chosen_place(session)
    places = [place for place in open_places(session) if not place.is_main_user]
    places.sort(key=lambda place: place != chosen)
    found = (_of(tx, place.organization_id, place.name) for place in places[:_MOST_ORGANIZATIONS])
    return [each for each in found if each.people]


def _of(tx: Transaction, organization_id: str, name: str) -> Contacts:
    page = people.page(tx, organization_id, role="main_user", state="active", size=_MOST_PEOPLE)
    return Contacts(
        organization=name,
        people=tuple((f"{each.given_name} {each.family_name}", each.email) for each in page.people),
    )
