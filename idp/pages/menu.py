"""The side menu: one's own pages, the consoles of one's organizations, the operator's."""

from collections.abc import Iterator
from typing import NamedTuple

from flask_babel import gettext

from idp.authentication.session import Place, Session
from idp.pages.places import is_ours, open_places

HOME = "/account"
PROFILE = "/account/profile"
SESSIONS = "/account/sessions"
APPLICATIONS = "/account/applications"
OPERATIONS = "/operations"
CLIENTS = "/operations/clients"
STATE = "/operations/state"
LOG = "/operations/log"


class MenuItem(NamedTuple):
    """One line of the side menu."""

    text: str
    href: str
    is_current: bool
    icon: str
    group: str


def menu(session: Session, current: str) -> list[MenuItem]:
    """The menu of this person; ``current`` is the href of the item whose page is shown."""
    return [
        MenuItem(text, href, href == current, icon, group)
        for text, href, icon, group in _entries(session)
    ]


def _entries(session: Session) -> Iterator[tuple[str, str, str, str]]:
    own = gettext("menu.own")
    yield gettext("menu.home"), HOME, "home", ""
    yield gettext("menu.profile"), PROFILE, "person", own
    yield gettext("menu.sessions"), SESSIONS, "devices", own
    yield gettext("menu.applications"), APPLICATIONS, "link", own
    for place in open_places(session):
        yield from _console(place)
    if session.is_operator and is_ours(session):
        operations = gettext("menu.operations")
        yield gettext("menu.organizations"), OPERATIONS, "building", operations
        yield gettext("menu.clients"), CLIENTS, "link", operations
        yield gettext("menu.state"), STATE, "gear", operations
        yield gettext("menu.log"), LOG, "list", operations


def _console(place: Place) -> Iterator[tuple[str, str, str, str]]:
    """What the person looks after in one of their organizations."""
    console = f"/organization/{place.slug}"
    if place.is_main_user:
        yield gettext("menu.people"), console, "people", place.name
    if place.is_main_user or place.is_it_admin:
        yield gettext("menu.connection"), f"{console}/connection", "link", place.name
