"""What a main user does to a person with one press, or with two where it cannot be undone."""

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication import recovery
from idp.authentication.forms import PressForm
from idp.authentication.links import Links
from idp.authentication.sessions import Sessions
from idp.directory import access, main_users, memberships
from idp.directory.main_users import Reached
from idp.errors import NotAllowed, Throttled
from idp.foundation.clock import utcnow
from idp.foundation.throttle import Throttle
from idp.pages.menu import HOME
from idp.pages.organization.entrance import Console, Entrance
from idp.pages.organization.person_page import PERSON, PersonPage, full_name


class PersonDeeds:
    """What lies below the page of a person: link, lock, unlock, sessions, remove."""

    def __init__(
        self, entrance: Entrance, page: PersonPage, links: Links, throttle: Throttle
    ) -> None:
        self._entrance = entrance
        self._page = page
        self._links = links
        self._throttle = throttle
        self._database = entrance.parts.database
        self._sessions: Sessions = entrance.sessions

    def register(self, app: Flask) -> None:
        """Mount the deeds."""
        press, ask = ["POST"], ["GET", "POST"]
        app.add_url_rule(f"{PERSON}/link", "organization_link", self.link, methods=press)
        app.add_url_rule(f"{PERSON}/lock", "organization_lock", self.lock, methods=press)
        app.add_url_rule(f"{PERSON}/unlock", "organization_unlock", self.unlock, methods=press)
        app.add_url_rule(f"{PERSON}/sessions", "organization_sessions", self.sessions, methods=ask)
        app.add_url_rule(f"{PERSON}/remove", "organization_remove", self.remove, methods=ask)

    def link(self, slug: str, person_id: str) -> Response:
        """Send a link to make a password with; earlier ones, up to three, work on."""
        console = self._entrance.enter(slug)
        try:
            with self._database.transaction() as tx:
                person = main_users.for_password_link(tx, console.organization.id, person_id)
                self._throttle.admit_order(person.id, console.visit.network)
                recovery.send_link(
                    tx,
                    self._links,
                    person,
                    requested_at=utcnow(),
                    by=console.by,
                    organization_id=console.organization.id,
                )
        except NotAllowed as error:
            return self._page.refuse(console, person_id, error)
        except Throttled as error:
            return self._slow_down(console, person_id, error)
        flash(gettext("organization.link.sent", address=person.email), "success")
        return console.visit.go(console.path_to(person_id))

    def lock(self, slug: str, person_id: str) -> Response:
        """Shut the person out of this organization."""
        console = self._entrance.enter(slug)
        try:
            if console.is_own(person_id):
                raise NotAllowed("own_membership")
            with self._database.transaction() as tx:
                memberships.lock(tx, console.organization.id, person_id, by=console.by)
        except NotAllowed as error:
            return self._page.refuse(console, person_id, error)
        return self._done(console, person_id, "organization.locked")

    def unlock(self, slug: str, person_id: str) -> Response:
        """Let the person in again."""
        console = self._entrance.enter(slug)
        with self._database.transaction() as tx:
            memberships.unlock(tx, console.organization.id, person_id, by=console.by)
        return self._done(console, person_id, "organization.unlocked")

    def sessions(self, slug: str, person_id: str) -> Response:
        """Ask once more, then end every session of the person."""
        console = self._entrance.enter(slug)
        reached = self._reach(console, person_id)
        access.may_end_sessions(console.asker, reached.target).require()
        if not PressForm().validate_on_submit():
            return self._ask(console, reached, "sessions")
        with self._database.transaction() as tx:
            main_users.for_ending_sessions(
                tx, console.organization.id, person_id, asker=console.asker
            )
            self._sessions.end_all(tx, person_id, by=console.by, why="ended_by_main_user")
        return self._done(console, person_id, "organization.sessions.ended")

    def remove(self, slug: str, person_id: str) -> Response:
        """Ask once more, then end the membership; the account and its username stay."""
        console = self._entrance.enter(slug)
        reached = self._reach(console, person_id)
        if not PressForm().validate_on_submit():
            return self._ask(console, reached, "remove")
        try:
            with self._database.transaction() as tx:
                memberships.remove(tx, console.organization.id, person_id, by=console.by)
        except NotAllowed as error:
            return self._page.refuse(console, person_id, error)
        flash(gettext("organization.removed", name=full_name(reached)), "success")
        return console.visit.go(HOME if console.is_own(person_id) else console.path)

    def _reach(self, console: Console, person_id: str) -> Reached:
        with self._database.reading() as tx:
            return main_users.reach(tx, console.organization.id, person_id)

    def _ask(self, console: Console, reached: Reached, deed: str) -> Response:
        here = console.path_to(reached.person.id)
        name = full_name(reached)
        return self._entrance.render(
            console,
            deed,
            steps=[(name, here), (gettext(f"organization.{deed}.submit"), None)],
            name=name,
            here=here,
            form=PressForm(),
            is_own=console.is_own(reached.person.id),
        )

    def _done(self, console: Console, person_id: str, said: str) -> Response:
        flash(gettext(said), "success")
        return console.visit.go(console.path_to(person_id))

    def _slow_down(self, console: Console, person_id: str, error: Throttled) -> Response:
        seconds = max(1, round(error.retry_after.total_seconds()))
        flash(gettext("organization.link.throttled", seconds=seconds), "warning")
        page = self._page.show(console, person_id, error.status)
        page.headers["Retry-After"] = str(seconds)
        return page
