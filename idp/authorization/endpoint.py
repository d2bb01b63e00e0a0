"""The authorization endpoint: read the request, decide the next step, answer.

First arrivals and returns from our own pages go through the same function, so that nothing which
held on the way out is taken for granted on the way back (OpenID Connect Core section 3.1.2).
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

from authlib.oauth2.rfc6749 import OAuth2Error

from idp.audit import Actor
from idp.authentication.browser import Browser
from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Place, Session
from idp.authentication.sessions import Sessions
from idp.authorization import grants
from idp.authorization.hint import hinted_person
from idp.authorization.policy import Page, next_step
from idp.authorization.request import AuthorizationRequest, Unanswerable, read
from idp.clients.registry import Clients
from idp.config import LOCALES
from idp.foundation.clock import utcnow
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_reference
from idp.foundation.web.protocol import Parameters, Request, Response, redirect
from idp.foundation.web.site import LOCALE_KEPT
from idp.signing.ring import SigningKeys


class Authorization:
    """The authorization endpoint of one deployment."""

    def __init__(
        self, parts: Parts, clients: Clients, sessions: Sessions, signing_keys: SigningKeys
    ) -> None:
        self._parts = parts
        self._settings = parts.settings
        self._clients = clients
        self._sessions = sessions
        self._signing_keys = signing_keys

    def authorize(self, request: Request) -> Response:
        """A client's request, by GET or POST (from any site)."""
        given = request.query if request.method in ("GET", "HEAD") else request.form
        return self._answer(request, given, None)

    def resume(self, request: Request) -> Response:
        """The way back from our own pages, with the request this browser carries sealed."""
        browser = Browser.read(self._parts, request.cookies)
        interaction = browser.interaction(request.query.get(PARAMETER))
        if interaction is None or interaction.is_expired(self._settings.lifetimes.interaction):
            raise Unanswerable("interaction_lost")
        return self._answer(request, interaction.parameters, interaction)

    def _answer(
        self,
        request: Request,
        given: Parameters | dict[str, str],
        interaction: Interaction | None,
    ) -> Response:
        try:
            asked = read(given, self._clients)
        except OAuth2Error as error:
            return self._refuse(error)
        browser = Browser.read(self._parts, request.cookies)
        session = self._sessions.at(self._parts.database, browser.session_secret)
        try:
            step = next_step(
                prompt=asked.prompt,
                max_age=asked.max_age,
                organization=asked.organization,
                hinted_person=hinted_person(asked, self._signing_keys, self._settings.issuer),
                session=session,
                begun_at=interaction.begun_at if interaction else None,
                chosen=interaction.chosen if interaction else None,
                now=utcnow(),
            )
        except OAuth2Error as error:
            error.redirect_uri, error.state = asked.redirect_uri, asked.get("state")
            return self._refuse(error)
        if isinstance(step, Page) or session is None:
            return self._show(step, asked, browser, interaction)
        return self._issue(request, asked, session, step.place)

    def _show(
        self,
        step: object,
        asked: AuthorizationRequest,
        browser: Browser,
        interaction: Interaction | None,
    ) -> Response:
        """Send the browser to a page of ours, carrying the sealed request."""
        page = step if isinstance(step, Page) else Page.SIGN_IN
        interaction = interaction or Interaction(parameters=asked.parameters, begun_at=utcnow())
        sealed = interaction.seal(self._parts.keyring, browser.name)
        address = f"{self._settings.issuer}{page.value}?{urlencode({PARAMETER: sealed})}"
        return redirect(address, [*browser.new_cookies(), *self._locale_cookie(asked)])

    def _locale_cookie(self, asked: AuthorizationRequest) -> list[tuple[str, str]]:
        """The language the client asks for; this browser keeps to it (``ui_locales``)."""
        tags = (asked.get("ui_locales") or "").lower().split()
        wanted = next((tag[:2] for tag in tags if tag.partition("-")[0] in LOCALES), None)
        if wanted is None:
            return []
        cookies = self._parts.cookies
        return [cookies.header(cookies.locale, wanted, LOCALE_KEPT)]

    def _issue(
        self, request: Request, asked: AuthorizationRequest, session: Session, place: Place
    ) -> Response:
        by = Actor(
            kind="person",
            id=session.person_id,
            network=request.remote_address,
            reference=random_reference(),
        )
        with self._parts.database.transaction() as tx:
            code = grants.issue(
                tx,
                asked,
                lifetimes=self._settings.lifetimes,
                person_id=session.person_id,
                session_id=session.id,
                organization_id=place.organization_id,
                auth_time=session.auth_time,
                amr=session.amr,
                by=by,
            )
            if session.organization_id != place.organization_id:
                self._sessions.choose(tx, session, place)
            if self._sessions.is_due_to_be_seen(session):
                self._sessions.seen(tx, session)
        return self._redirect(asked.redirect_uri, {"code": code}, asked.get("state"))

    def _refuse(self, error: OAuth2Error) -> Response:
        """An error for the client; its ``iss`` and ``state`` go with it."""
        answer = {"error": error.error}
        if description := error.get_error_description():
            answer["error_description"] = description
        return self._redirect(error.redirect_uri, answer, error.state)

    def _redirect(self, redirect_uri: str, answer: dict[str, str], state: str | None) -> Response:
        """The answer in the redirect URI's query, saying who we are (RFC 9207)."""
        if state is not None:
            answer["state"] = state
        answer["iss"] = self._settings.issuer
        parts = urlsplit(redirect_uri)
        query = "&".join(filter(None, (parts.query, urlencode(answer))))
        return redirect(urlunsplit(parts._replace(query=query)))
