"""The pages of mailed links: one family for passwords and e-mail addresses.

The mailed address moves its token into a cookie and goes on to a clean one, so that no token stays
in a history or leaks to another site. Looking never uses a link up; only the POST does the deed.
"""

import re
from datetime import timedelta
from http import HTTPStatus

from flask import Flask, flash, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.authentication import credentials, recovery
from idp.authentication.forms import NewPasswordForm, PressForm
from idp.authentication.links import Dead, Links, Opened, Purpose
from idp.authentication.models import Link
from idp.authentication.passwords import Passwords
from idp.authentication.session import Authentication
from idp.authentication.strength import check
from idp.authentication.visit import Visit, Visits
from idp.clients.registry import Clients
from idp.directory import profile
from idp.directory.models import Person
from idp.errors import Invalid
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.throttle import Throttle

_COOKIE_KEPT = timedelta(hours=1)
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,200}")


class LinkPages:
    """``/link/<token>``, ``/link`` and ``/link/again``."""

    def __init__(
        self,
        visits: Visits,
        clients: Clients,
        links: Links,
        passwords: Passwords,
        throttle: Throttle,
    ) -> None:
        self._visits = visits
        self._database = visits.parts.database
        self._clients = clients
        self._links = links
        self._passwords = passwords
        self._throttle = throttle
        self._cookie = visits.parts.cookies.link

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        app.add_url_rule("/link/<token>", "link_arrival", self.arrive)
        app.add_url_rule("/link", "link", self.link, methods=["GET", "POST"])
        app.add_url_rule("/link/again", "link_again", self.again, methods=["POST"])

    def arrive(self, token: str) -> Response:
        """Take the token out of the address; what cannot be one of ours leads to the same page."""
        visit = self._visits.current()
        visit.set_cookie(self._cookie, token if _TOKEN.fullmatch(token) else "", _COOKIE_KEPT)
        return visit.go("/link")

    def link(self) -> Response:
        """The link's form, or the deed; a dead link's page offers a new one."""
        visit = self._visits.current()
        token = visit.browser_cookie(self._cookie)
        with self._database.reading() as tx:
            opened = self._links.open(tx, token)
            person = tx.session.get(Person, opened.link.person_id) if opened.link else None
        if opened.link is None or opened.dead or person is None:
            return self._dead(visit, opened)
        if opened.link.purpose == Purpose.PASSWORD:
            return self._password(visit, opened.link, person)
        return self._email(visit, opened.link, person)

    def again(self) -> Response:
        """Send a new link to the same person's stored address; the answer is always the same."""
        visit = self._visits.current()
        if PressForm().validate_on_submit():
            token = visit.browser_cookie(self._cookie)
            with self._database.transaction() as tx:
                opened = self._links.open(tx, token)
                if opened.link:
                    self._throttle.admit_order(opened.link.person_id, visit.network)
                    self._order_again(tx, visit, opened.link)
        return visit.answer(
            render_template("authentication/mail_sent.html", sealed=None, given=None)
        )

    def _order_again(self, tx: Transaction, visit: Visit, link: Link) -> None:
        person = tx.session.get_one(Person, link.person_id)
        if link.purpose == Purpose.PASSWORD and recovery.uses_password(tx, person.id):
            by = visit.actor_for(person.id)
            recovery.send_link(tx, self._links, person, requested_at=utcnow(), by=by)

    def _dead(self, visit: Visit, opened: Opened) -> Response:
        """Why the link does nothing, and the way on: a used one means that all is well."""
        can_be_renewed = (
            opened.link is not None
            and opened.link.purpose == Purpose.PASSWORD
            and opened.dead is not Dead.USED
        )
        page = render_template(
            "authentication/link_dead.html",
            form=PressForm(),
            why=opened.dead,
            can_be_renewed=can_be_renewed,
            onward=visit.portal_address(self._clients),
        )
        is_done = opened.dead is Dead.USED
        return visit.answer(page, HTTPStatus.OK if is_done else HTTPStatus.GONE)

    def _password(self, visit: Visit, link: Link, person: Person) -> Response:
        form = NewPasswordForm()
        if form.validate_on_submit():
            try:
                self._check(person, form.password.data)
                return self._set_password(visit, link, form.password.data)
            except Invalid as error:
                form.password.errors = [
                    gettext(f"field_error.{error.fields['password']}", **error.detail)
                ]
        with self._database.transaction() as tx:
            self._links.opened(tx, link)
        page = render_template(
            "authentication/new_password.html",
            form=form,
            username=person.username,
            minimum_length=self._visits.parts.settings.passwords.minimum_length,
        )
        return visit.answer(page, 422 if form.errors else 200)

    def _check(self, person: Person, password: str) -> None:
        check(
            password,
            minimum_length=self._visits.parts.settings.passwords.minimum_length,
            context=(person.username, person.given_name, person.family_name, person.email or ""),
        )

    def _set_password(self, visit: Visit, link: Link, password: str) -> Response:
        password_hash = self._passwords.hash(password)
        with self._database.transaction() as tx:
            spent = self._links.spend(tx, link, Purpose.PASSWORD)
            if spent:
                secret = self._sign_in(tx, visit, spent.person_id, spent.address, password_hash)
        if spent is None:
            return visit.go("/link")
        visit.begin(secret)
        visit.set_cookie(self._cookie, "", timedelta(0))
        flash(gettext("link.password.done"), "success")
        return visit.go_on(self._clients)

    def _sign_in(
        self, tx: Transaction, visit: Visit, person_id: str, address: str, password_hash: str
    ) -> str:
        """Store the password, confirm the address the link went to, begin a session."""
        by = visit.actor_for(person_id)
        person = tx.session.get_one(Person, person_id)
        credentials.set_password(
            tx, person, password_hash, sessions=self._visits.sessions, links=self._links, by=by
        )
        profile.email_reached(tx, person_id, address)
        tx.flush()
        return self._visits.sessions.begin(
            tx,
            person_id,
            Authentication(method="pwd", auth_time=utcnow()),
            by=by,
            user_agent=visit.user_agent,
        )

    def _email(self, visit: Visit, link: Link, person: Person) -> Response:
        """One press confirms the address: a mail scanner's look must not."""
        form = PressForm()
        if not form.validate_on_submit():
            with self._database.transaction() as tx:
                self._links.opened(tx, link)
            page = render_template(
                "authentication/confirm_email.html", form=form, address=link.address, person=person
            )
            return visit.answer(page)
        with self._database.transaction() as tx:
            spent = self._links.spend(tx, link, Purpose.EMAIL)
            if spent:
                by = visit.actor_for(spent.person_id)
                profile.confirm_email(
                    tx, spent.person_id, spent.address, by=by, ordered_in=link.organization_id
                )
                self._links.void(tx, spent.person_id, Purpose.PASSWORD)
        if spent is None:
            return visit.go("/link")
        visit.set_cookie(self._cookie, "", timedelta(0))
        flash(gettext("link.email.done"), "success")
        return visit.go("/account/profile" if visit.session else "/login")
