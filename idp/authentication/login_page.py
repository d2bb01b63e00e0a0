"""The sign-in page as most people meet it: untouched, rendered once a language and client.

Rendering is most of what a sign-in costs (docs/performance.md), and two values are all that differs
between two untouched pages: the sealed request and the form's token.
"""

from collections.abc import Mapping

from flask import render_template, request, session
from flask_wtf.csrf import generate_csrf

from idp.authentication.forms import SignInForm
from idp.authentication.interaction import PARAMETER
from idp.clients.client import Client
from idp.foundation.texts import current_locale

_TEMPLATE = "authentication/login.html"
_MOST_KEPT = 100


class LoginPage:
    """Renders the sign-in page, an untouched one from what it kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def render(
        self, form: SignInForm, client: Client | None, sealed: str | None, **more: object
    ) -> str:
        """The page; ``more``, a hint, an error or a notice makes it one of its own."""
        differing = None if more else self._differing(form, sealed)
        if differing is None:
            return render_template(_TEMPLATE, form=form, sealed=sealed, client=client, **more)
        locale = current_locale()
        key = (locale, client.name(locale) if client else "")
        if key not in self._kept:
            page = render_template(_TEMPLATE, form=form, sealed=sealed, client=client)
            self._keep(key, page, differing)
        page = self._kept[key]
        for name, value in differing.items():
            page = page.replace(f"\0{name}\0", value)
        return page

    def _keep(self, key: tuple[str, str], page: str, differing: Mapping[str, str]) -> None:
        """Keep the page with marks, which no text can hold, where the values stood."""
        for name, value in differing.items():
            page = page.replace(value, f"\0{name}\0")
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = page

    def _differing(self, form: SignInForm, sealed: str | None) -> dict[str, str] | None:
        """The values that differ between untouched pages; None where this one is not untouched."""
        if not sealed or form.username.data or form.errors or set(request.args) != {PARAMETER}:
            return None
        if "_flashes" in session:
            return None
        return {"sealed": sealed, "form": generate_csrf()}
