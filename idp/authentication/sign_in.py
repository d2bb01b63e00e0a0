"""The sign-in page: two fields and 'Kirjaudu' (M7), one answer for all that does not open.

Answered before Flask, like the protocol's endpoints. What the browser came for is answered in the
commit that begins its session, where nothing more has to be asked.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from idp.audit import Event, record
from idp.authentication import credentials
from idp.authentication.browser import Browser
from idp.authentication.federation.homes import Homes, way
from idp.authentication.interaction import Interaction
from idp.authentication.known import KnownAccounts
from idp.authentication.login_form import LoginForm
from idp.authentication.login_page import MAX_USERNAME, Shown, Typed
from idp.authentication.passwords import Passwords
from idp.authentication.session import Authentication, Session
from idp.authentication.visit import Visit, Visits
from idp.clients.registry import Clients
from idp.directory import usernames
from idp.errors import Throttled, Unavailable
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.throttle import Throttle
from idp.foundation.web.front import Routes
from idp.foundation.web.origin import require_own_page
from idp.foundation.web.protocol import Request, Response, redirect

PATH = "/login"
Continuation = Callable[[Transaction, Request, Interaction, Browser, Session], Response | None]
"""What answers an interaction in the transaction that began its session; None: ask at RESUME."""


class SignIn:
    """The page ``/login`` and what follows a right password."""

    def __init__(
        self,
        visits: Visits,
        clients: Clients,
        passwords: Passwords,
        throttle: Throttle,
        answer_at_once: Continuation,
        homes: Homes,
    ) -> None:
        self._visits = visits
        self._parts = visits.parts
        self._clients = clients
        self._passwords = passwords
        self._throttle = throttle
        self._answer_at_once = answer_at_once
        self._homes = homes
        self._known = KnownAccounts(visits.parts)
        self._form = LoginForm(visits.parts, clients)

    def routes(self) -> Routes:
        """Where it listens."""
        return {PATH: {"GET": self.show, "POST": self.submit}}

    def show(self, request: Request) -> Response:
        """The form. Without a request to go back to it ends at the portal."""
        visit = self._visits.of(request)
        interaction = visit.interaction()
        is_met = interaction is None or (
            visit.session is not None and interaction.is_met_by(visit.session.auth_time)
        )
        if visit.session and is_met:
            return redirect(visit.onward(self._clients), visit.headers)
        hint = interaction.parameters.get("login_hint", "")[:MAX_USERNAME] if interaction else ""
        if interaction and interaction.page and hint:
            again = self._form.text(request, "login.again")
            return self._form.page(request, visit, Shown(username=hint, notices=[("info", again)]))
        return self._form.untouched(request, visit, hint)

    def submit(self, request: Request) -> Response:
        """What follows the form."""
        require_own_page(request.headers, self._parts.settings.issuer)
        visit, form = self._visits.of(request), request.form
        typed = Typed(username=form.get("username", ""), password=form.get("password", ""))
        if not self._form.is_own(visit, form.get("csrf_token", "")):
            stale = self._form.text(request, "layout.notice.stale_form")
            return self._form.page(request, visit, Shown(notices=[("warning", stale)]))
        if errors := typed.errors():
            if not typed.password and (home := self._home(visit, typed)):
                return home
            shown = Shown(status=422, username=typed.username, errors=errors)
            return self._form.page(request, visit, shown)
        return self._try(request, visit, typed)

    def _home(self, visit: Visit, typed: Typed) -> Response | None:
        """An address without a password: to its organization's own way in, where it has one."""
        try:
            slug = self._homes.by_address(typed.username, visit.network)
        except Throttled:
            return None  # The form asks for the password, as it does of everybody else.
        sealed = visit.sealed if visit.interaction() else None
        return redirect(way(slug, sealed), visit.headers) if slug else None

    def _try(self, request: Request, visit: Visit, typed: Typed) -> Response:
        key = usernames.key(typed.username)
        known = self._known.holds(visit.browser_cookie(self._known.cookie), key)
        try:
            admission = self._throttle.admit(key, visit.network, known_device=known)
        except Throttled as error:
            return self._throttled(request, visit, typed, error)
        with self._parts.database.reading() as tx:
            account = credentials.for_sign_in(tx, key)
        try:
            kept = account.password_hash if account else None
            verdict = self._passwords.verify(kept, typed.password)
        except Unavailable as error:
            return self._busy(request, visit, typed, error)
        if account is None or not verdict.matches:
            self._throttle.failed(admission)
            return self._refuse(request, visit, typed, account)
        self._throttle.succeeded(admission)
        if account.is_locked:
            locked = self._form.text(request, "login.locked")
            shown = Shown(status=403, username=typed.username, problem=locked)
            return self._form.page(request, visit, shown)
        if verdict.needs_rehash:
            self._rehash(account, typed.password)
        return self._begin(request, visit, account, key)

    def _begin(
        self, request: Request, visit: Visit, account: credentials.Account, key: str
    ) -> Response:
        """The person's session, new or renewed, and onward."""
        with self._parts.database.transaction() as tx:
            secret = self._visits.sessions.begin_or_renew(
                tx,
                visit.session,
                account.person_id,
                Authentication(method="pwd", auth_time=utcnow()),
                by=visit.actor_for(account.person_id),
                user_agent=visit.user_agent,
            )
            answer = self._at_once(tx, request, visit, secret)
        visit.begin(secret)
        visit.set_cookie(*self._known.remember(visit.browser_cookie(self._known.cookie), key))
        if account.locale:
            visit.keep_locale(account.locale)
        if answer is None:
            is_operators = account.is_operator and visit.interaction() is None
            answer = redirect("/operations" if is_operators else visit.onward(self._clients))
        answer.headers.extend(visit.headers)
        return answer

    def _at_once(
        self, tx: Transaction, request: Request, visit: Visit, secret: str
    ) -> Response | None:
        """The answer to what the browser came for, if it can be given now."""
        interaction = visit.interaction()
        session = self._visits.sessions.opened(tx, secret) if interaction else None
        if interaction is None or interaction.page or session is None:
            return None
        browser = replace(visit.browser, session_secret=secret)
        return self._answer_at_once(tx, request, interaction, browser, session)

    def _rehash(self, account: credentials.Account, password: str) -> None:
        new_hash = self._passwords.hash(password)
        with self._parts.database.transaction() as tx:
            credentials.rehash(tx, account.person_id, account.password_hash or "", new_hash)

    def _refuse(
        self, request: Request, visit: Visit, typed: Typed, account: credentials.Account | None
    ) -> Response:
        with self._parts.database.transaction() as tx:
            record(
                tx,
                Event.SIGN_IN_FAILED,
                by=visit.actor_for(None),
                target_id=account.person_id if account else None,
            )
        refused = Shown(
            status=422,
            username=typed.username,
            problem=self._form.text(request, "login.refused"),
            reference=visit.reference,
        )
        return self._form.page(request, visit, refused)

    def _busy(self, request: Request, visit: Visit, typed: Typed, error: Unavailable) -> Response:
        """Too many sign in at once: the form again, cheaply, saying when to come back."""
        text = self._form.text(request, "error.busy.text")
        return self._later(
            request,
            visit,
            Shown(status=503, username=typed.username, problem=text),
            error.retry_after,
        )

    def _throttled(
        self, request: Request, visit: Visit, typed: Typed, error: Throttled
    ) -> Response:
        seconds = max(1, round(error.retry_after.total_seconds()))
        text = self._form.text(request, "login.throttled", seconds=seconds)
        shown = Shown(status=429, username=typed.username, problem=text)
        return self._later(request, visit, shown, error.retry_after)

    def _later(
        self, request: Request, visit: Visit, shown: Shown, retry_after: timedelta
    ) -> Response:
        page = self._form.page(request, visit, shown)
        page.headers.append(("Retry-After", str(max(1, round(retry_after.total_seconds())))))
        return page
