"""The edge where an error becomes a page (M16): what happened, what to do, whom to tell what.

It works when little else does: without the database it knows no person and names nobody.
"""

import logging
from contextlib import suppress
from datetime import timedelta

from flask import Flask, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from idp.audit import Event, record
from idp.authentication.session import Session
from idp.authentication.visit import Visit, Visits
from idp.clients.registry import Clients
from idp.errors import IdpError, NotFound, Unavailable
from idp.foundation.addresses import network_of
from idp.foundation.clock import utcnow
from idp.foundation.secrets import digest, random_reference
from idp.foundation.texts import current_locale
from idp.foundation.web.front import REMOTE
from idp.pages.contacts import contacts
from idp.pages.menu import HOME
from idp.pages.places import chosen_place
from idp.pages.problem import Problem, read

_SIGN_IN = "/login"
_SIGN_OUT = "/logout"
_AT_SIGN_OUT = frozenset(("wrong_hint", "wrong_post_logout_redirect_uri"))
"""What a relying party got wrong when its person wanted to sign out, and still may."""
_HOUR = timedelta(hours=1)
_MOST_RECORDED = 60
"""Problems of one person, or of one network of strangers, that the audit log takes in an hour."""
_MOST_OF_STRANGERS = 600
"""And of all strangers together."""
_LONGEST_PATH = 200
_SECRET_PATHS = ("/link/", "/setup/", "/calendar/", "/diagnosis/")
"""What follows these in a path is a secret."""
log = logging.getLogger(__name__)


class Problems:
    """The error pages of one deployment."""

    def __init__(self, visits: Visits, clients: Clients) -> None:
        self._visits = visits
        self._clients = clients
        self._parts = visits.parts

    def register(self, app: Flask) -> None:
        """Let every error that nothing else answers end here."""
        for kind in (IdpError, HTTPException, Exception):
            app.register_error_handler(kind, self.show)

    def show(self, error: Exception) -> Response:
        """The error's page; the audit log gets its reference where somebody may ask for it."""
        problem = read(error)
        visit = self._visit()
        reference = visit.reference if visit else random_reference()
        self._log(problem, reference, error)
        if visit and self._is_worth_recording(visit, error):
            self._record(visit, problem)
        page = self._page(visit, problem, reference)
        answer = Response(page, problem.status, headers=problem.headers, mimetype="text/html")
        return visit.answer(answer) if visit else answer

    def _visit(self) -> Visit | None:
        """Who met with it; None where the database cannot tell."""
        with suppress(Exception):  # Whatever kept the page from knowing may keep us from it too.
            return self._visits.current()
        return None

    def _page(self, visit: Visit | None, problem: Problem, reference: str) -> str:
        session = visit.session if visit else None
        places = session.places if session else ()
        return render_template(
            "pages/problem.html",
            title=problem.title(current_locale()),
            text=problem.text(current_locale()),
            ways=self._ways(visit, problem),
            reference=reference,
            at=utcnow(),
            tried=_tried(),
            contacts=self._contacts(session),
            is_main_user=any(place.is_main_user for place in places),
        )

    def _contacts(self, session: Session | None) -> object:
        with suppress(Unavailable):
            if session:
                with self._parts.database.reading() as tx:
                    return contacts(tx, session)
        return []

    def _ways(self, visit: Visit | None, problem: Problem) -> list[tuple[str, str]]:
        """The ways on, the best one first; there always is one."""
        ways = []
        if problem.is_passing or problem.is_ours:
            ways.append((gettext("problem.again"), _same_page()))
        if visit and visit.session and problem.code in _AT_SIGN_OUT:
            ways.append((gettext("problem.sign_out"), _SIGN_OUT))
        if visit and visit.session:
            ways.append((gettext("problem.home"), HOME))
        else:
            ways.append((gettext("problem.sign_in"), self._start(visit)))
        return ways

    def _start(self, visit: Visit | None) -> str:
        """Where a stranger begins: at the portal, if we know it."""
        if visit is None:
            return self._parts.settings.portal_url or _SIGN_IN
        with suppress(Unavailable):
            portal = visit.portal_address(self._clients)
            return _SIGN_IN if portal == HOME else portal
        return _SIGN_IN

    def _is_worth_recording(self, visit: Visit, error: Exception) -> bool:
        """Whether somebody may ask for it; strangers' wrong addresses and floods are not kept."""
        if visit.session:
            return self._count(visit.session.person_id) <= _MOST_RECORDED
        if isinstance(error, (HTTPException, NotFound)):
            return False
        of_network = self._count(network_of(visit.network))
        return of_network <= _MOST_RECORDED and self._count("") <= _MOST_OF_STRANGERS

    def _count(self, whose: str) -> int:
        return self._parts.ephemeral.increment(f"problems:{digest(whose).hex()}", _HOUR)

    def _record(self, visit: Visit, problem: Problem) -> None:
        session = visit.session
        place = chosen_place(session) if session else None
        try:
            with self._parts.database.transaction() as tx:
                record(
                    tx,
                    Event.PROBLEM_SHOWN,
                    by=visit.actor,
                    organization_id=place.organization_id if place else None,
                    target_id=session.person_id if session else None,
                    problem=problem.code,
                    status=problem.status,
                    tried=_tried(),
                )
        except IdpError:
            log.warning("problem %s could not be recorded", visit.reference)

    def _log(self, problem: Problem, reference: str, error: Exception) -> None:
        level = logging.ERROR if problem.status == 500 else logging.INFO
        log.log(
            level,
            "problem %s: %s at %s from %s",
            reference,
            problem.code,
            _tried(),
            request.environ.get(REMOTE),
            exc_info=error if problem.is_ours else None,
        )


def _tried() -> str:
    """Method and path as they may be told: no query, and no secret of an address."""
    secret = next((start for start in _SECRET_PATHS if request.path.startswith(start)), None)
    path = f"{secret}…" if secret else request.path[:_LONGEST_PATH]
    shown = "".join(letter if letter.isprintable() else "�" for letter in path)
    return f"{request.method} {shown}"


def _same_page() -> str:
    """The page once more: as it was asked for, or the form that was sent.

    Werkzeug's path begins with one slash: two would be another site's address to a browser.
    """
    return "" if request.method in ("GET", "HEAD") else request.path
