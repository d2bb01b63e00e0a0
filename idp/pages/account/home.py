"""Etusivu: who one is, in which organizations, the ways on; and which organization to act in."""

from collections.abc import Iterator

from flask import Flask, flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.session import Place, Session
from idp.clients.registry import Clients
from idp.directory import memberships
from idp.pages.menu import HOME, OPERATIONS, PROFILE
from idp.pages.places import chosen_place, is_ours, open_places
from idp.pages.shell import Shell, SignedInVisit

ORGANIZATION = "/account/organization"
_BACK = {"profile": PROFILE}
"""Where a choice of organization leads back to, by the name of the page that asked for it."""


class Home:
    """``/``, ``/account`` and ``/account/organization``."""

    def __init__(self, shell: Shell, clients: Clients) -> None:
        self._shell = shell
        self._clients = clients
        self._visits = shell.visits
        self._database = shell.visits.parts.database

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        app.add_url_rule("/", "root", self.root)
        app.add_url_rule(HOME, "account", self.home)
        app.add_url_rule(
            ORGANIZATION, "account_organization", self.organization, methods=["GET", "POST"]
        )

    def root(self) -> Response:
        """The bare address: one's own page, or the portal for whoever is not signed in."""
        visit = self._visits.current()
        if visit.session:
            return visit.go(HOME)
        portal = visit.portal_address(self._clients)
        return visit.go("/login") if portal == HOME else visit.answer(redirect(portal, 303))

    def home(self) -> Response:
        """Etusivu."""
        visit = self._shell.signed_in()
        session = visit.session
        with self._database.reading() as tx:
            standing = memberships.standing(tx, session.person_id)
        return self._shell.render(
            visit,
            "pages/account/home.html",
            current=HOME,
            breadcrumb=(),
            portal=self._portal(visit),
            place=chosen_place(session),
            can_choose=len(open_places(session)) > 1,
            memberships=standing,
            consoles=_consoles(session),
        )

    def organization(self) -> Response:
        """Which organization to act in; a choice is remembered for the next sign-in as well."""
        visit = self._shell.signed_in()
        back = _BACK.get(request.args.get("page", ""), HOME)
        if request.method == "POST":
            return self._choose(visit, back)
        places = open_places(visit.session)
        return self._shell.render(
            visit,
            "pages/account/organization.html",
            current=back,
            breadcrumb=[(gettext("account.organization.heading"), None)],
            choices=[(place.name, "", place.organization_id) for place in places],
            chosen=chosen_place(visit.session),
            action=request.full_path.rstrip("?"),
        )

    def _choose(self, visit: SignedInVisit, back: str) -> Response:
        place = visit.session.place(request.form.get("organization"))
        if place and visit.session.opens(place):
            with self._database.transaction() as tx:
                self._visits.sessions.choose(tx, visit.session, place)
            flash(gettext("account.organization.chosen", organization=place.name), "success")
        return visit.go(back)

    def _portal(self, visit: SignedInVisit) -> str | None:
        """Where the portal starts a sign-in in the organization acted in; None without a portal."""
        place = chosen_place(visit.session)
        address = visit.portal_address(self._clients, place.slug if place else None)
        return None if address == HOME else address


def _consoles(session: Session) -> list[tuple[str, str, str]]:
    """What the person looks after: title, text, address."""
    consoles = [console for place in open_places(session) for console in _of_place(place)]
    if session.is_operator and is_ours(session):
        consoles.append((gettext("menu.operations"), gettext("home.operations.text"), OPERATIONS))
    return consoles


def _of_place(place: Place) -> Iterator[tuple[str, str, str]]:
    console = f"/organization/{place.slug}"
    if place.is_main_user:
        yield place.name, gettext("home.console.text"), console
    if place.is_main_user or place.is_it_admin:
        name = gettext("home.connection", organization=place.name)
        yield name, gettext("home.connection.text"), f"{console}/connection"
