"""The frame of the signed-in person's pages: who is there, the menu, the breadcrumb.

A page asks `Shell.signed_in` who is there and answers through `Shell.render`. Whoever has to sign
in first comes back to the page afterwards: its path travels sealed and bound to the browser, so no
address is ever taken from a request.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlencode

from flask import Flask, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication.federation.homes import way
from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Session
from idp.authentication.visit import Visit, Visits
from idp.errors import NotFound
from idp.foundation.clock import utcnow
from idp.pages.fresh import SignInNeeded
from idp.pages.menu import HOME, menu
from idp.pages.places import is_ours

_LONGEST_PATH = 4000
"""Characters of a path to come back to; a longer one leads to Etusivu."""


class SignedInVisit(Visit):
    """A visit of somebody who is signed in."""

    session: Session


class Shell:
    """The frame of one deployment's pages."""

    def __init__(self, visits: Visits) -> None:
        self.visits = visits

    def register(self, app: Flask) -> None:
        """Let ``app`` send whoever has to sign in to where that is done."""
        app.register_error_handler(SignInNeeded, self._to_sign_in)

    def signed_in(self) -> SignedInVisit:
        """The visit at hand, of somebody who is signed in; SignInNeeded otherwise."""
        visit = self.visits.current()
        if visit.session is None:
            raise SignInNeeded(_wanted())
        if self.visits.sessions.is_due_to_be_seen(visit.session):
            with self.visits.parts.database.transaction() as tx:
                self.visits.sessions.seen(tx, visit.session)
        return cast(SignedInVisit, visit)

    def operator(self) -> SignedInVisit:
        """The visit of an operator who opened the account itself; NotFound to everybody else."""
        visit = self.signed_in()
        if not visit.session.is_operator or not is_ours(visit.session):
            raise NotFound
        return visit

    def render(
        self,
        visit: SignedInVisit,
        template: str,
        *,
        current: str,
        breadcrumb: Sequence[tuple[str, str | None]],
        status: int = 200,
        **context: object,
    ) -> Response:
        """The page ``template`` in the shell.

        ``current`` is the href of the menu item that the page belongs to. ``breadcrumb`` are the
        steps after 'Etusivu', which is put before them (M14), the last one the page itself without
        an href; empty on Etusivu. ``session`` is in the context already.
        """
        session = visit.session
        page = render_template(
            template,
            person=SimpleNamespace(display_name=f"{session.given_name} {session.family_name}"),
            menu=menu(session, current),
            breadcrumb=[(gettext("menu.home"), HOME), *breadcrumb] if breadcrumb else [],
            session=session,
            **context,
        )
        return visit.answer(page, status)

    def _to_sign_in(self, needed: SignInNeeded) -> Response:
        visit = self.visits.current()
        interaction = Interaction(
            parameters={"login_hint": needed.username}, begun_at=utcnow(), page=needed.page
        )
        sealed = interaction.seal(self.visits.parts.keyring, visit.browser.name)
        session = visit.session
        # Who came by an organization's own way in alone has no password here to prove it anew with.
        last = session.last_way_in if session and not is_ours(session) else None
        if last is not None and needed.username:
            return visit.go(way(last.slug, sealed, fresh=True))
        return visit.go(f"/login?{urlencode({PARAMETER: sealed})}")


def _wanted() -> str:
    """The path to come back to: what was to be read, or the page of the form that was sent."""
    rule = request.url_rule
    if request.method in ("GET", "HEAD"):
        path = request.full_path.rstrip("?")
    else:
        path = request.path if rule and "GET" in (rule.methods or ()) else HOME
    return path if len(path) <= _LONGEST_PATH else HOME
