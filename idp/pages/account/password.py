"""'Käyttäjäprofiili', the tab 'Salasana': whoever knows the password may change it (M11, M13).

Changing it ends every other session and voids every link; the browser at hand gets a new session.
"""

from flask import Flask, flash
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.audit import Event, record
from idp.authentication import credentials, recovery
from idp.authentication.links import Links
from idp.authentication.passwords import Passwords
from idp.authentication.session import Authentication
from idp.authentication.strength import check
from idp.directory import persons, usernames
from idp.errors import Invalid, Throttled
from idp.foundation.clock import utcnow
from idp.foundation.throttle import Throttle
from idp.pages.account.forms import PasswordForm
from idp.pages.account.tabs import PASSWORD, profile_tabs
from idp.pages.menu import PROFILE
from idp.pages.shell import Shell, SignedInVisit


class Password:
    """``/account/profile/password``."""

    def __init__(
        self, shell: Shell, links: Links, passwords: Passwords, throttle: Throttle
    ) -> None:
        self._shell = shell
        self._links = links
        self._passwords = passwords
        self._throttle = throttle
        self._sessions = shell.visits.sessions
        self._database = shell.visits.parts.database
        self._minimum = shell.visits.parts.settings.passwords.minimum_length

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(PASSWORD, "account_password", self.password, methods=["GET", "POST"])

    def password(self) -> Response:
        """The form or the deed; where no password is kept here, where it is instead (M10)."""
        visit = self._shell.signed_in()
        with self._database.reading() as tx:
            is_used = recovery.uses_password(tx, visit.session.person_id)
            is_set = credentials.has_password(tx, visit.session.person_id)
        if not is_used or not is_set:
            return self._page(visit, None, is_used=is_used)
        form = PasswordForm()
        if not form.validate_on_submit():
            return self._page(visit, form, 422 if form.errors else 200)
        try:
            self._prove(visit, form.current.data)
            self._change(visit, form.password.data)
        except Throttled as error:
            seconds = max(1, round(error.retry_after.total_seconds()))
            form.current.errors = [gettext("login.throttled", seconds=seconds)]
            return self._page(visit, form, error.status)
        except Invalid as error:
            for name, code in error.fields.items():
                form[name].errors = [gettext(f"field_error.{code}", **error.detail)]
            return self._page(visit, form, error.status)
        flash(gettext("password.changed"), "success")
        return visit.go(PASSWORD)

    def _prove(self, visit: SignedInVisit, password: str) -> None:
        """See that it is the present one; Invalid or Throttled, as at sign-in."""
        key = usernames.key(visit.session.username)
        # A signed-in browser is a known one: strangers' wrong guesses elsewhere do not slow it.
        admission = self._throttle.admit(key, visit.network, known_device=True)
        with self._database.reading() as tx:
            account = credentials.for_sign_in(tx, key)
        kept = account.password_hash if account else None
        if not self._passwords.verify(kept, password).matches:
            self._throttle.failed(admission)
            with self._database.transaction() as tx:
                record(
                    tx,
                    Event.SIGN_IN_FAILED,
                    by=visit.actor,
                    target_id=visit.session.person_id,
                )
            raise Invalid({"current": "password_wrong"})
        self._throttle.succeeded(admission)

    def _change(self, visit: SignedInVisit, password: str) -> None:
        session = visit.session
        check(
            password,
            minimum_length=self._minimum,
            context=(
                session.username,
                session.given_name,
                session.family_name,
                session.email or "",
                *(place.name for place in session.places),
            ),
        )
        password_hash = self._passwords.hash(password)
        with self._database.transaction() as tx:
            credentials.set_password(
                tx,
                persons.get(tx, session.person_id),
                password_hash,
                sessions=self._sessions,
                links=self._links,
                by=visit.actor,
            )
            tx.flush()
            secret = self._sessions.begin(
                tx,
                session.person_id,
                Authentication(method="pwd", auth_time=utcnow()),
                by=visit.actor,
                user_agent=visit.user_agent,
                organization_id=session.organization_id,
            )
        visit.begin(secret)

    def _page(
        self,
        visit: SignedInVisit,
        form: PasswordForm | None,
        status: int = 200,
        *,
        is_used: bool = True,
    ) -> Response:
        return self._shell.render(
            visit,
            "pages/account/password.html",
            current=PROFILE,
            breadcrumb=[
                (gettext("menu.profile"), PROFILE),
                (gettext("profile.tab.password"), None),
            ],
            status=status,
            tab_items=profile_tabs(PASSWORD),
            form=form,
            is_used=is_used,
            organizations=[place.name for place in visit.session.places if place.uses_sso],
            minimum_length=self._minimum,
        )
