"""The door of an organization's connections: who may enter, in what capacity; the pages' frame.

An organization that does not exist and one that is somebody else's are the same `NotFound`, to a
browser with a setup link for another organization too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from flask import render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.audit import Actor
from idp.authentication.federation.connections import Connections
from idp.authentication.federation.passes import Passes
from idp.authentication.session import Session
from idp.authentication.visit import Visit
from idp.directory import organizations
from idp.directory.models import Organization
from idp.errors import NotFound
from idp.foundation.database import Transaction
from idp.pages.menu import OPERATIONS
from idp.pages.places import is_ours
from idp.pages.shell import Shell, SignedInVisit

CONNECTION = "/organization/<slug>/connection"
Steps = Sequence[tuple[str, str | None]]


class Capacity(StrEnum):
    """As what somebody is here; ``connection.capacity.<value>`` says it."""

    IT = "it_admin"
    MAIN_USER = "main_user"
    OPERATOR = "operator"
    SETUP = "setup"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The connections of one organization, open to this visit."""

    visit: Visit
    organization: Organization
    capacity: Capacity

    @property
    def path(self) -> str:
        """Where these pages lie."""
        return CONNECTION.replace("<slug>", self.organization.slug)

    @property
    def by(self) -> Actor:
        """Who acts: a person as themself, an operator as such, a setup link as somebody unknown."""
        session = self.visit.session
        return Actor(
            kind="operator" if self.capacity is Capacity.OPERATOR else "person",
            id=session.person_id if session and self.capacity is not Capacity.SETUP else None,
            network=self.visit.network,
            reference=self.visit.reference,
        )

    @property
    def sees_people(self) -> bool:
        """Whether names may be shown: to those who see the people's list anyway."""
        return self.capacity in (Capacity.MAIN_USER, Capacity.OPERATOR)

    @property
    def is_insider(self) -> bool:
        """Whether they are here for longer than a setup link lasts."""
        return self.capacity is not Capacity.SETUP


class Entrance:
    """The doors of one deployment's connections."""

    def __init__(self, shell: Shell, connections: Connections, passes: Passes) -> None:
        self._shell = shell
        self.parts = shell.visits.parts
        self.visits = shell.visits
        self.connections = connections
        self.passes = passes

    @property
    def issuer(self) -> str:
        """What every address of ours begins with."""
        return self.parts.settings.issuer

    def enter(self, slug: str) -> Desk:
        """The connections of the organization with this slug; NotFound to whoever may not."""
        visit = self.visits.current()
        with self.parts.database.reading() as tx:
            organization = _by_slug(tx, slug)
            is_set_up_here = organization is not None and self._has_pass(tx, visit, organization)
        capacity = _capacity(visit.session, organization, is_set_up_here=is_set_up_here)
        if capacity is None or organization is None:
            self._shell.signed_in()  # A stranger signs in first, whether or not there is a place.
            raise NotFound
        return Desk(visit=visit, organization=organization, capacity=capacity)

    def render(
        self,
        desk: Desk,
        page: str,
        /,
        *,
        steps: Steps = (),
        status: int = 200,
        **context: object,
    ) -> Response:
        """The page ``page``; ``steps`` lead to it from the overview."""
        context = {
            "organization": desk.organization,
            "desk": desk,
            "console": desk.path,
            "reference": desk.visit.reference,
            **context,
        }
        template = f"pages/connection/{page}.html"
        way = [(gettext("connection.heading"), desk.path if steps else None), *steps]
        if desk.capacity is Capacity.SETUP:
            frame = {"frame": "pages/connection/bare.html", "breadcrumb": way, "form": None}
            return desk.visit.answer(render_template(template, **{**frame, **context}), status)
        visit = cast(SignedInVisit, desk.visit)
        return self._shell.render(
            visit,
            template,
            current=desk.path,
            breadcrumb=[*_way(desk, visit.session), *way],
            status=status,
            frame="layout/shell.html",
            **context,
        )

    def _has_pass(self, tx: Transaction, visit: Visit, organization: Organization) -> bool:
        if visit.browser.is_new or organization.suspended_at is not None:
            return False
        return self.passes.held_by(tx, visit.browser.name, organization.id) is not None


def _by_slug(tx: Transaction, slug: str) -> Organization | None:
    try:
        return organizations.by_slug(tx, slug)
    except NotFound:
        return None


def _capacity(
    session: Session | None, organization: Organization | None, *, is_set_up_here: bool
) -> Capacity | None:
    """The strongest capacity in which this browser may be here; None where it may not."""
    if organization is None:
        return None
    if session and session.is_operator and is_ours(session):
        return Capacity.OPERATOR
    place = session.place(organization.id) if session else None
    if session and place and session.opens(place):
        if place.is_main_user:
            return Capacity.MAIN_USER
        if place.is_it_admin:
            return Capacity.IT
    return Capacity.SETUP if is_set_up_here else None


def _way(desk: Desk, session: Session) -> list[tuple[str, str | None]]:
    """The steps down to the overview."""
    name = desk.organization.name
    people = f"/organization/{desk.organization.slug}"
    if desk.capacity is Capacity.OPERATOR and session.place(desk.organization.id) is None:
        return [(gettext("menu.operations"), OPERATIONS), (name, people)]
    return [(name, people if desk.sees_people else None)]
