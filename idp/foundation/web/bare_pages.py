"""Pages that protocol endpoints answer before Flask: our look, without session, menu or form token.

They take the same layout; what it asks for as globals comes from here (docs/design-system.md).
"""

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from idp.config import LOCALES, Settings
from idp.foundation.locale import translate
from idp.foundation.web.assets import assets
from idp.foundation.web.protocol import Response

_PACKAGE = Path(__file__).parents[2]
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'; form-action "
)


class BarePages:
    """Renders them, in any of our languages."""

    def __init__(self, settings: Settings) -> None:
        self._support_contact = settings.support_contact

    def render(self, template: str, locale: str, **values: object) -> str:
        """The page as HTML."""
        of_layout = {"language_links": (), "notices": ()}
        return (
            self._environments[locale]
            .get_template(template)
            .render(of_layout | values, locale=locale, support_contact=self._support_contact)
        )

    def response(self, page: str, *, form_action: Sequence[str] = ("'none'",)) -> Response:
        """The page as an answer that nobody stores; its forms go to ``form_action`` only."""
        return Response(
            headers=[
                ("Content-Type", "text/html; charset=utf-8"),
                ("Cache-Control", "no-store"),
                ("Referrer-Policy", "no-referrer"),
                ("Content-Security-Policy", _POLICY + " ".join(form_action)),
            ],
            body=page.encode(),
        )

    @cached_property
    def _environments(self) -> dict[str, Environment]:
        return {locale: _environment(locale) for locale in LOCALES}


def _environment(locale: str) -> Environment:
    """Macros are imported without context, so a language's texts are its environment's global."""
    environment = Environment(
        loader=FileSystemLoader(_PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        _=partial(translate, locale), asset=assets(_PACKAGE / "static"), url=lambda path: path
    )
    return environment
