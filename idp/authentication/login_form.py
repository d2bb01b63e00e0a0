"""The sign-in page as an answer: its language, its client, and the token of its form.

The token is a tag of the browser's name, the same in every tab: no other site's page can know it.
"""

from idp.authentication.login_page import LoginPage, Shown
from idp.authentication.visit import Visit
from idp.clients.client import Client
from idp.clients.registry import Clients
from idp.foundation.locale import negotiate, translate
from idp.foundation.parts import Parts
from idp.foundation.secrets import equal
from idp.foundation.web.page_headers import PAGE_HEADERS
from idp.foundation.web.protocol import Request, Response
from idp.foundation.web.site import LOCALE_KEPT

_TOKEN = "sign-in form"
_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Vary", "Cookie, Accept-Language"),
    *PAGE_HEADERS,
)


class LoginForm:
    """Answers with the page, and knows its own form again."""

    def __init__(self, parts: Parts, clients: Clients) -> None:
        self._parts = parts
        self._clients = clients
        self._page = LoginPage(parts.settings)

    def untouched(self, request: Request, visit: Visit, username: str) -> Response:
        """The page as it comes first, with a username filled in or none."""
        page = self._page.untouched(
            self._locale(request),
            self._client(visit),
            sealed=visit.sealed,
            token=self._token(visit),
            username=username,
        )
        return self._sent(request, visit, page, 200)

    def page(self, request: Request, visit: Visit, shown: Shown) -> Response:
        """The page with something to say."""
        page = self._page.render(
            self._locale(request),
            self._client(visit),
            shown,
            sealed=visit.sealed,
            token=self._token(visit),
        )
        return self._sent(request, visit, page, shown.status)

    def text(self, request: Request, key: str, **values: object) -> str:
        """A text in the page's language."""
        return translate(self._locale(request), key, **values)

    def is_own(self, visit: Visit, token: str) -> bool:
        """Whether the token of a form is this browser's."""
        expected = self._parts.keyring.authenticate_all(_TOKEN, visit.browser.name)
        return not visit.browser.is_new and any(equal(token, one) for one in expected)

    def _token(self, visit: Visit) -> str:
        return self._parts.keyring.authenticate(_TOKEN, visit.browser.name)

    def _sent(self, request: Request, visit: Visit, page: str, status: int) -> Response:
        if "ui_locales" in request.query:
            visit.set_cookie(self._parts.cookies.locale, self._locale(request), LOCALE_KEPT)
        return Response(status=status, headers=[*_HEADERS, *visit.headers], body=page.encode())

    def _client(self, visit: Visit) -> Client | None:
        interaction = visit.interaction()
        client_id = interaction.parameters.get("client_id") if interaction else None
        return self._clients.find(client_id) if client_id else None

    def _locale(self, request: Request) -> str:
        return negotiate(
            request.query.get("ui_locales"),
            request.cookies.get(self._parts.cookies.locale),
            request.headers.get("accept-language"),
            self._parts.settings.default_locale,
        )
