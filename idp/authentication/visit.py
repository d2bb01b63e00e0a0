"""One request to a page of ours: the browser, its session, the way on."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from idp.audit import Actor
from idp.authentication.browser import Browser
from idp.authentication.browser_state import SIGNED_OUT, browser_state
from idp.authentication.interaction import PARAMETER, Interaction
from idp.authentication.session import Session
from idp.authentication.sessions import Sessions
from idp.clients.registry import Clients
from idp.foundation.parts import Parts
from idp.foundation.secrets import random_reference
from idp.foundation.web import protocol
from idp.foundation.web.front import REMOTE
from idp.foundation.web.site import LOCALE_KEPT

RESUME = "/authorize/resume"
"""Where an interaction goes on; the authorization endpoint listens there."""


class Visits:
    """Reads visits for the pages of one deployment."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self.parts = parts
        self.sessions = sessions

    def current(self) -> "Visit":
        """The request that Flask has at hand."""
        return Visit(
            self.parts,
            self.sessions,
            cookies=request.cookies,
            network=request.environ[REMOTE],
            user_agent=request.headers.get("User-Agent", ""),
            sealed=request.args.get(PARAMETER),
            is_foreign_post=request.method == "POST"
            and request.headers.get("Origin", self.parts.settings.issuer)
            != self.parts.settings.issuer,
        )

    def of(self, request: protocol.Request) -> "Visit":
        """A request that is answered before Flask."""
        return Visit(
            self.parts,
            self.sessions,
            cookies=request.cookies,
            network=request.remote_address,
            user_agent=request.headers.get("user-agent", ""),
            sealed=request.query.get(PARAMETER),
        )


class Visit:
    """One request; ``sealed`` is the request it carries, as it came, to be carried on."""

    def __init__(
        self,
        parts: Parts,
        sessions: Sessions,
        *,
        cookies: Mapping[str, str],
        network: str,
        user_agent: str,
        sealed: str | None,
        is_foreign_post: bool = False,
    ) -> None:
        self._parts = parts
        self._sent = cookies
        self.browser = Browser.read(parts, cookies)
        self.network = network
        self.reference = random_reference()
        self.user_agent = user_agent
        self.sealed = sealed
        self.session: Session | None = sessions.at(parts.database, self.browser.session_secret)
        self._cookies: list[tuple[str, str]] = self.browser.new_cookies()
        # Another site's post comes without our cookies: what was not sent is not overwritten.
        self._is_blind = is_foreign_post and self.browser.is_new
        state = cookies.get(parts.cookies.state, SIGNED_OUT)
        if self.session is None and state != SIGNED_OUT:  # It ended, but not in this browser.
            self._cookies.append(parts.cookies.state_header(SIGNED_OUT))

    @property
    def actor(self) -> Actor:
        """Who acts: the signed-in person, or somebody we do not know."""
        return self.actor_for(self.session.person_id if self.session else None)

    def actor_for(self, person_id: str | None) -> Actor:
        """The person who acts, once a password or a link said who it is."""
        return Actor(kind="person", id=person_id, network=self.network, reference=self.reference)

    def interaction(self) -> Interaction | None:
        """What the browser came for; None if it carries nothing, or nothing of its own."""
        return self._interaction

    @cached_property
    def _interaction(self) -> Interaction | None:
        found = self.browser.interaction(self.sealed)
        lifetime = self._parts.settings.lifetimes.interaction
        return None if found is None or found.is_expired(lifetime) else found

    def browser_cookie(self, name: str) -> str:
        """A cookie of ours as it came; empty if there is none."""
        return self._sent.get(name, "")

    def keep_locale(self, locale: str) -> None:
        """Let this browser keep to the person's own language, unless it was told another."""
        if not self._sent.get(self._parts.cookies.locale):
            self.set_cookie(self._parts.cookies.locale, locale, LOCALE_KEPT)

    def set_cookie(self, name: str, value: str, max_age: timedelta | None = None) -> None:
        """Give the browser a cookie with this visit's answer; zero ``max_age`` takes it away."""
        self._cookies.append(self._parts.cookies.header(name, value, max_age))

    def begin(self, secret: str) -> None:
        """Give the browser its new session."""
        cookies = self._parts.cookies
        self.set_cookie(cookies.session, secret, self._parts.settings.lifetimes.session)
        self._cookies.append(cookies.state_header(browser_state(secret)))

    def end(self) -> None:
        """Take the session's cookies away: it has ended."""
        self.set_cookie(self._parts.cookies.session, "", timedelta(0))
        self._cookies.append(self._parts.cookies.state_header(SIGNED_OUT))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The cookies it decided on; answers made here carry them."""
        return [] if self._is_blind else self._cookies

    def answer(self, page: Response | str, status: int = 200) -> Response:
        """A page with this visit's cookies."""
        response = (
            page if isinstance(page, Response) else Response(page, status, mimetype="text/html")
        )
        response.headers.extend(self.headers)
        return response

    def go(self, path: str) -> Response:
        """Onward to a page of ours (303)."""
        return self.answer(redirect(path, 303))

    def go_on(self, clients: Clients, *, organization: str | None = None) -> Response:
        """Onward (303) to where `onward` says."""
        return self.go(self.onward(clients, organization=organization))

    def onward(self, clients: Clients, *, organization: str | None = None) -> str:
        """What the browser came for, else the portal, else the person's own page.

        No address is ever taken from the request: the sealed one was checked when it came, and the
        portal's is registered (``initiate_login_uri``, OpenID Connect Core section 4).
        """
        interaction = self.interaction()
        if interaction and interaction.page:
            return interaction.page
        if interaction:
            return f"{RESUME}?{urlencode({PARAMETER: self.sealed})}"
        return self.portal_address(clients, organization)

    def portal_address(
        self, clients: Clients, organization: str | None = None, *, prompt: str | None = None
    ) -> str:
        """Where the portal starts a sign-in by itself; ``prompt`` is what it shall ask of us."""
        portal = clients.portal()
        if portal is None:
            return self._parts.settings.portal_url or "/account"
        start = portal.metadata["initiate_login_uri"]
        query = {"iss": self._parts.settings.issuer}
        if organization:
            query["organization"] = organization
        if prompt:
            query["prompt"] = prompt
        return f"{start}{'&' if '?' in start else '?'}{urlencode(query)}"
