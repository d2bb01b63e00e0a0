"""The authorization endpoint: read the request, decide the next step, answer.

First arrivals and returns from our own pages go through the same function, so that nothing which
held on the way out is taken for granted on the way back (OpenID Connect Core section 3.1.2).
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import AccessDeniedError, OAuth2Error
from authlib.oidc.core.errors import InvalidRequestURIError

from idp.audit import Actor
from idp.authentication.browser import Browser
from idp.authentication.browser_state import browser_state
from idp.authentication.federation.connections import Connections
from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Place, Session
from idp.authentication.sessions import Sessions
from idp.authorization import consents, grants
from idp.authorization.acr import acr
from idp.authorization.answers import Answers
from idp.authorization.hint import hinted_subject
from idp.authorization.paths import AUTHORIZE, LONGEST_ADDRESS
from idp.authorization.policy import Consent, Facts, Page, Step, next_step
from idp.authorization.request import (
    AuthorizationRequest,
    Declined,
    Given,
    Requests,
    Unanswerable,
)
from idp.authorization.request.pushed import spend
from idp.authorization.sealed_answer import Kind, encryption_alg
from idp.authorization.session_management import session_state
from idp.config import LOCALES
from idp.foundation.clock import utcnow
from idp.foundation.database import Transaction
from idp.foundation.locale import negotiate
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_reference
from idp.foundation.web.protocol import Malformed, Parameters, Request, Response, redirect
from idp.foundation.web.site import LOCALE_KEPT
from idp.signing.ring import SigningKeys


class Authorization:
    """The authorization endpoint of one deployment."""

    def __init__(
        self,
        parts: Parts,
        requests: Requests,
        sessions: Sessions,
        signing_keys: SigningKeys,
        answers: Answers,
        connections: Connections,
    ) -> None:
        self._parts = parts
        self._connections = connections
        self._settings = parts.settings
        self._requests = requests
        self._sessions = sessions
        self._signing_keys = signing_keys
        self._answers = answers

    def authorize(self, request: Request) -> Response:
        """A client's request, by GET or POST (from any site)."""
        given = _parameters(request)
        if request.method == "POST" and (again := self._by_get(given)):
            return again
        return self._answer(request, partial(self._requests.arriving, Given.sent(given)), None)

    def resume(self, request: Request) -> Response:
        """The way back from our own pages, with the request this browser carries sealed."""
        browser = Browser.read(self._parts, request.cookies)
        interaction = browser.interaction(request.query.get(PARAMETER))
        if interaction is None or interaction.is_expired(self._settings.lifetimes.interaction):
            raise Unanswerable("interaction_lost")
        read = partial(self._requests.carried, interaction.parameters)
        return self._answer(request, read, interaction)

    def answer_at_once(
        self,
        tx: Transaction,
        request: Request,
        interaction: Interaction,
        browser: Browser,
        session: Session,
    ) -> Response | None:
        """The code for a session that began in this very transaction.

        None where a page or an error comes first: that is told when the browser comes to `resume`.
        """
        try:
            asked = self._requests.carried(interaction.parameters)
            step = self._step(asked, self._facts(request, asked, session, interaction))
            # An encrypted answer may need the client's keys fetched, and no transaction waits.
            if isinstance(step, Page) or encryption_alg(Kind.AUTHORIZATION, asked.client):
                return None
            code = self._code(tx, request, asked, session, step.place)
        except (Declined, Unanswerable):
            return None
        return self._coded(request, asked, browser, code)

    def asked(self, interaction: Interaction) -> AuthorizationRequest:
        """The request that a page of ours is about; Unanswerable if it no longer holds."""
        try:
            return self._requests.carried(interaction.parameters)
        except Declined as declined:
            raise Unanswerable from declined

    def denied(self, asked: AuthorizationRequest, locale: str) -> Response:
        """The person said no (RFC 6749 section 4.1.2.1)."""
        return self._send(Declined(AccessDeniedError("the person refused"), asked.address), locale)

    def _by_get(self, given: Parameters) -> Response | None:
        """The same by GET, if an address can hold it.

        Another site's POST comes without our cookies (SameSite), and a page that was posted to
        could not be had in another language.
        """
        address = f"{self._settings.issuer}{AUTHORIZE}?{urlencode(given.pairs)}"
        return redirect(address) if len(address) <= LONGEST_ADDRESS else None

    def _answer(
        self,
        request: Request,
        read: Callable[[], AuthorizationRequest],
        interaction: Interaction | None,
    ) -> Response:
        """The page, code or error that the request comes to, for whoever is at the browser."""
        browser = Browser.read(self._parts, request.cookies)
        session = self._sessions.at(self._parts.database, browser.session_secret)
        try:
            asked = read()
            facts = self._facts(request, asked, session, interaction)
            step = self._step(asked, facts)
            if isinstance(step, Page) or session is None:
                return self._show(step, asked, facts, browser, interaction)
            with self._parts.database.transaction() as tx:
                code = self._code(tx, request, asked, session, step.place)
        except Declined as declined:
            return self._send(declined, self._locale(request))
        response = self._coded(request, asked, browser, code)
        state = browser_state(browser.session_secret)
        if request.cookies.get(self._parts.cookies.state) != state:
            response.headers.append(self._parts.cookies.state_header(state))
        return response

    def _step(self, asked: AuthorizationRequest, facts: Facts) -> Step:
        """The next step; Declined where it is an error for the client."""
        try:
            return next_step(facts)
        except OAuth2Error as error:
            raise Declined(error, asked.address) from error

    def _facts(
        self,
        request: Request,
        asked: AuthorizationRequest,
        session: Session | None,
        interaction: Interaction | None,
    ) -> Facts:
        """What the next step depends on; Declined where the client's hint is none."""
        try:
            hinted = hinted_subject(asked, self._signing_keys, self._settings.issuer)
        except OAuth2Error as error:
            raise Declined(error, asked.address) from error
        expected = (hinted, asked.claims.required_sub)
        return Facts(
            prompt=asked.prompt,
            max_age=asked.max_age,
            organization=asked.organization,
            uses_sso=asked.organization is not None
            and self._connections.uses_sso(asked.organization),
            required_acr=asked.claims.required_acr,
            acr_values=asked.acr_values,
            expected={subject for subject in expected if subject is not None},
            subject=asked.client.subject(session.person_id) if session else None,
            session=session,
            begun_at=interaction.begun_at if interaction else None,
            chosen=interaction.chosen if interaction else None,
            consent_scope=asked.consent_scope,
            consent=self._consent(asked, session),
            now=utcnow(),
            is_framed=request.headers.get("sec-fetch-dest", "document") != "document",
        )

    def _consent(self, asked: AuthorizationRequest, session: Session | None) -> Consent | None:
        """What the person has allowed this client, where that matters."""
        if session is None or not asked.consent_scope:
            return None
        with self._parts.database.reading() as tx:
            return consents.remembered(tx, session.person_id, asked.client.client_id)

    def _show(
        self,
        step: object,
        asked: AuthorizationRequest,
        facts: Facts,
        browser: Browser,
        interaction: Interaction | None,
    ) -> Response:
        """Send the browser to a page of ours, carrying the sealed request."""
        page = step if isinstance(step, Page) else Page.SIGN_IN
        interaction = interaction or Interaction(parameters=asked.parameters, begun_at=utcnow())
        sealed = interaction.seal(self._parts.keyring, browser.name)
        path = f"{page.value}/{facts.sso_slug}" if page is Page.SSO else page.value
        wishes = _wishes(facts) if page is Page.SSO else {}
        address = f"{self._settings.issuer}{path}?{urlencode({PARAMETER: sealed, **wishes})}"
        return redirect(address, [*browser.new_cookies(), *self._locale_cookie(asked)])

    def _locale_cookie(self, asked: AuthorizationRequest) -> list[tuple[str, str]]:
        """The language the client asks for; this browser keeps to it (``ui_locales``)."""
        tags = (asked.get("ui_locales") or "").lower().split()
        wanted = next((tag[:2] for tag in tags if tag.partition("-")[0] in LOCALES), None)
        if wanted is None:
            return []
        cookies = self._parts.cookies
        return [cookies.header(cookies.locale, wanted, LOCALE_KEPT)]

    def _code(
        self,
        tx: Transaction,
        request: Request,
        asked: AuthorizationRequest,
        session: Session,
        place: Place,
    ) -> str:
        """A new grant's code; Declined, with nothing written, where the request was used up."""
        by = Actor(
            kind="person",
            id=session.person_id,
            network=request.remote_address,
            reference=random_reference(),
        )
        if asked.pushed and not spend(tx, asked.pushed):
            error = InvalidRequestURIError("a code was issued from this request before")
            raise Declined(error, asked.address)
        if session.organization_id != place.organization_id:
            self._sessions.choose(tx, session, place)
        if self._sessions.is_due_to_be_seen(session):
            self._sessions.seen(tx, session)
        return grants.issue(
            tx,
            asked,
            lifetimes=asked.client.lifetimes(self._settings.lifetimes),
            person_id=session.person_id,
            session_id=session.id,
            organization_id=place.organization_id,
            auth_time=session.auth_time_in(place),
            amr=session.amr_in(place),
            acr=acr(session, place, asked.acr_values),
            by=by,
        )

    def _coded(
        self, request: Request, asked: AuthorizationRequest, browser: Browser, code: str
    ) -> Response:
        """The code for the client, with the browser's state as it now is."""
        state = browser_state(browser.session_secret)
        answer = {"code": code, **session_state(asked.client.client_id, asked.redirect_uri, state)}
        return self._answers.send(asked.address, answer, self._locale(request))

    def _send(self, declined: Declined, locale: str) -> Response:
        """An error for the client."""
        answer = {"error": declined.error.error}
        if description := declined.error.get_error_description():
            answer["error_description"] = description
        return self._answers.send(declined.address, answer, locale)

    def _locale(self, request: Request) -> str:
        """The language of a page that carries an answer."""
        kept = request.cookies.get(self._parts.cookies.locale)
        accepted = request.headers.get("accept-language")
        return negotiate(None, kept, accepted, self._settings.default_locale)


def _parameters(request: Request) -> Parameters:
    """From the query of a GET or the form of a POST, never both; Unanswerable if unreadable."""
    try:
        return request.query if request.method in ("GET", "HEAD") else request.form
    except Malformed as error:
        raise Unanswerable("unreadable_request") from error


def _wishes(facts: Facts) -> dict[str, str]:
    """What an organization's own way in is asked for: no page, proof anew, or another account."""
    if "none" in facts.prompt:
        return {"silent": "1"}
    is_anew = "login" in facts.prompt or facts.max_age is not None
    is_another = "select_account" in facts.prompt
    return {**({"fresh": "1"} if is_anew else {}), **({"choose": "1"} if is_another else {})}
