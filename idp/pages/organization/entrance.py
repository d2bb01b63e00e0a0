"""The door of an organization's console: who may enter, in what capacity; the frame of its pages.

An organization that does not exist and one that is somebody else's are the same `NotFound`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.audit import Actor
from idp.authentication.session import Session
from idp.directory import access, organizations
from idp.directory.access import Asker
from idp.directory.models import Membership, Organization
from idp.errors import NotFound
from idp.pages.menu import OPERATIONS
from idp.pages.places import is_ours, open_places
from idp.pages.shell import Shell, SignedInVisit

CONSOLE = "/organization/<slug>"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visitor:
    """What `access` asks of whoever comes; a live session is nobody's who is locked."""

    is_operator: bool
    email: None = None
    locked_at: None = None


@dataclass(frozen=True, kw_only=True)
class Console:
    """The console of one organization, open to this visit."""

    visit: SignedInVisit
    organization: Organization
    asker: Asker

    @property
    def path(self) -> str:
        """Where the console lies."""
        return CONSOLE.replace("<slug>", self.organization.slug)

    @property
    def by(self) -> Actor:
        """Who acts here: a main user as themself, an operator as such."""
        actor = self.visit.actor
        return replace(actor, kind="operator") if self.asker is Asker.OPERATOR else actor

    def path_to(self, person_id: str) -> str:
        """Where the page of a person lies."""
        return f"{self.path}/people/{person_id}"

    def is_own(self, person_id: str) -> bool:
        """Whether that is the person who is here."""
        return person_id == self.visit.session.person_id


class Entrance:
    """The doors of one deployment's consoles."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.parts = shell.visits.parts
        self.sessions = shell.visits.sessions

    def enter(self, slug: str) -> Console:
        """The console of the organization with this slug; NotFound to whoever may not enter it."""
        visit = self._shell.signed_in()
        with self.parts.database.reading() as tx:
            organization = organizations.by_slug(tx, slug)
            key = (visit.session.person_id, organization.id)
            membership = tx.session.get(Membership, key)
        asker = _asker(visit.session, membership, organization)
        if asker is None:
            raise NotFound
        return Console(visit=visit, organization=organization, asker=asker)

    def render(
        self,
        console: Console,
        page: str,
        /,
        *,
        steps: Sequence[tuple[str, str | None]] = (),
        status: int = 200,
        **context: object,
    ) -> Response:
        """The page ``page`` of the console; ``steps`` lead to it from the list of people."""
        visit, organization = console.visit, console.organization
        is_in_menu = any(
            place.is_main_user and place.organization_id == organization.id
            for place in open_places(visit.session)
        )
        home = (organization.name, console.path if steps else None)
        way = [home] if is_in_menu else [(gettext("menu.operations"), OPERATIONS), home]
        return self._shell.render(
            visit,
            f"pages/organization/{page}.html",
            current=console.path if is_in_menu else OPERATIONS,
            breadcrumb=[*way, *steps],
            status=status,
            organization=organization,
            console=console.path,
            **context,
        )


def _asker(
    session: Session, membership: Membership | None, organization: Organization
) -> Asker | None:
    """The capacity that the session vouches for: no organization does outside of itself."""
    visitor = _Visitor(is_operator=session.is_operator and is_ours(session))
    asker = access.asker_in(visitor, membership, organization)
    if asker is Asker.MAIN_USER:
        place = session.place(organization.id)
        return asker if place and session.opens(place) else None
    return asker
