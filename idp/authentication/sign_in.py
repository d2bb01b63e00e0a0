"""The sign-in page: two fields and 'Kirjaudu' (M7), one answer for all that does not open."""

from flask import Flask
from flask_babel import gettext
from werkzeug.wrappers import Response

from idp.audit import Event, record
from idp.authentication import credentials
from idp.authentication.forms import SignInForm
from idp.authentication.known import KnownAccounts
from idp.authentication.login_page import LoginPage
from idp.authentication.passwords import Passwords
from idp.authentication.session import Authentication
from idp.authentication.visit import Visit, Visits
from idp.clients.registry import Clients
from idp.directory import usernames
from idp.errors import Throttled
from idp.foundation.clock import utcnow
from idp.foundation.throttle import Throttle


class SignIn:
    """The pages ``/login`` and what follows a right password."""

    def __init__(
        self, visits: Visits, clients: Clients, passwords: Passwords, throttle: Throttle
    ) -> None:
        self._visits = visits
        self._database = visits.parts.database
        self._clients = clients
        self._passwords = passwords
        self._throttle = throttle
        self._known = KnownAccounts(visits.parts)
        self._login_page = LoginPage()

    def register(self, app: Flask) -> None:
        """Mount the pages."""
        app.add_url_rule("/login", "login", self.login, methods=["GET", "POST"])

    def login(self) -> Response:
        """The form, or what follows it. Without a request to go back to it ends at the portal."""
        visit = self._visits.current()
        form = SignInForm()
        if form.validate_on_submit():
            return self._try(visit, form)
        interaction = visit.interaction()
        is_met = interaction is None or (
            visit.session is not None and interaction.is_met_by(visit.session.auth_time)
        )
        if visit.session and is_met and not form.errors:
            return visit.go_on(self._clients)
        if interaction and not form.username.data:
            form.username.data = interaction.parameters.get("login_hint", "")[:254]
        return self._page(visit, form, 422 if form.errors else 200)

    def _page(self, visit: Visit, form: SignInForm, status: int = 200, **more: object) -> Response:
        interaction = visit.interaction()
        client_id = interaction.parameters.get("client_id") if interaction else None
        client = self._clients.find(client_id) if client_id else None
        return visit.answer(self._login_page.render(form, client, visit.sealed, **more), status)

    def _try(self, visit: Visit, form: SignInForm) -> Response:
        key = usernames.key(form.username.data)
        known = self._known.holds(visit.browser_cookie(self._known.cookie), key)
        try:
            admission = self._throttle.admit(key, visit.network, known_device=known)
        except Throttled as error:
            return self._throttled(visit, form, error)
        with self._database.reading() as tx:
            account = credentials.for_sign_in(tx, key)
        verdict = self._passwords.verify(
            account.password_hash if account else None, form.password.data
        )
        if account is None or not verdict.matches:
            self._throttle.failed(admission)
            return self._refuse(visit, form, account)
        self._throttle.succeeded(admission)
        if account.is_locked:
            return self._page(visit, form, 403, problem=gettext("login.locked"))
        if verdict.needs_rehash:
            self._rehash(account, form.password.data)
        return self._begin(visit, account, key)

    def _refuse(
        self, visit: Visit, form: SignInForm, account: credentials.Account | None
    ) -> Response:
        with self._database.transaction() as tx:
            record(
                tx,
                Event.SIGN_IN_FAILED,
                by=visit.actor_for(None),
                target_id=account.person_id if account else None,
            )
        return self._page(
            visit, form, 422, problem=gettext("login.refused"), reference=visit.reference
        )

    def _throttled(self, visit: Visit, form: SignInForm, error: Throttled) -> Response:
        seconds = max(1, round(error.retry_after.total_seconds()))
        page = self._page(visit, form, 429, problem=gettext("login.throttled", seconds=seconds))
        page.headers["Retry-After"] = str(seconds)
        return page

    def _rehash(self, account: credentials.Account, password: str) -> None:
        new_hash = self._passwords.hash(password)
        with self._database.transaction() as tx:
            credentials.rehash(tx, account.person_id, account.password_hash or "", new_hash)

    def _begin(self, visit: Visit, account: credentials.Account, key: str) -> Response:
        """The person's session, new or renewed, and onward."""
        by = visit.actor_for(account.person_id)
        with self._database.transaction() as tx:
            secret = self._visits.sessions.begin_or_renew(
                tx,
                visit.session,
                account.person_id,
                Authentication(method="pwd", auth_time=utcnow()),
                by=by,
                user_agent=visit.user_agent,
            )
        visit.begin(secret)
        visit.set_cookie(*self._known.remember(visit.browser_cookie(self._known.cookie), key))
        if account.locale:
            visit.keep_locale(account.locale)
        if account.is_operator and visit.interaction() is None:
            return visit.go("/operations")
        return visit.go_on(self._clients)
