"""The sign-in page, rendered before Flask; as most people meet it, untouched, from what was kept.

Rendering is most of what a sign-in would cost (docs/performance.md), and three values are all that
differs between two untouched pages of a language and client: the sealed request, the form's token
and the username that is filled in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from wtforms import Form, PasswordField, StringField

from idp.authentication.interaction import PARAMETER
from idp.clients.client import Client
from idp.config import Settings
from idp.foundation.locale import translate
from idp.foundation.secrets import random_id
from idp.foundation.web.bare_pages import BarePages
from idp.foundation.web.language_links import language_links

MAX_USERNAME = 254
MAX_PASSWORD = 1024
_TEMPLATE = "authentication/login.html"
_MOST_KEPT = 300
_SEALED, _TOKEN, _USERNAME = random_id(), random_id(), random_id()
"""What stands in a kept page where these values will; nobody else's text can hold them."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What came in the two fields."""

    username: str = ""
    password: str = field(default="", repr=False)

    def errors(self) -> Mapping[str, str]:
        """What does not hold: field → key of its text."""
        longest = {"username": MAX_USERNAME, "password": MAX_PASSWORD}
        found = {}
        for name, most in longest.items():
            value: str = getattr(self, name)
            if not value:
                found[name] = f"login.{name}.required"
            elif len(value) > most:
                found[name] = "login.too_long"
        return found


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the page says besides its two empty fields, and with which status."""

    status: int = 200
    username: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Those of `Typed`."""
    problem: str | None = None
    reference: str | None = None
    notices: Sequence[tuple[str, str]] = ()


class _Fields(Form):
    """The two fields (M7) as the macros of forms take them."""

    username = StringField()
    password = PasswordField()


class LoginPage:
    """Renders the sign-in page in any of our languages."""

    def __init__(self, settings: Settings) -> None:
        self._pages = BarePages(settings)
        self._kept: dict[tuple[str, str, bool], str] = {}

    def untouched(
        self, locale: str, client: Client | None, *, sealed: str | None, token: str, username: str
    ) -> str:
        """The page as it comes first, its two fields waiting."""
        key = (locale, client.name(locale) if client else "", bool(sealed))
        page = self._kept.get(key)
        if page is None:
            page = self._keep(key, client)
        values = {_SEALED: quote(sealed or ""), _TOKEN: token, _USERNAME: escape(username)}
        for mark, value in values.items():
            page = page.replace(mark, value)
        return page

    def render(
        self, locale: str, client: Client | None, shown: Shown, *, sealed: str | None, token: str
    ) -> str:
        """The page with all that is to be said."""
        fields = _Fields(data={"username": shown.username})
        for name, key in shown.errors.items():
            fields[name].errors = [translate(locale, key)]
        return self._pages.render(
            _TEMPLATE,
            locale,
            form=fields,
            token=token,
            sealed=sealed,
            client=client,
            problem=shown.problem,
            reference=shown.reference,
            notices=shown.notices,
            language_links=language_links([(PARAMETER, sealed)] if sealed else [], locale),
        )

    def _keep(self, key: tuple[str, str, bool], client: Client | None) -> str:
        locale, _, carries = key
        shown, sealed = Shown(username=_USERNAME), _SEALED if carries else None
        page = self.render(locale, client, shown, sealed=sealed, token=_TOKEN)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = page
        return page
