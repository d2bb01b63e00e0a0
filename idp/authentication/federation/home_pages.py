"""The sign-in page's side door: one field, for whoever lacks their SSO link at hand.

It leads to the organization's own way in, or is the same page for everybody that says how to find
that link: never whether somebody exists or belongs anywhere (users-ask rows 18 and 28).
"""

from flask import Flask, render_template
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from idp.authentication.federation.homes import Homes, way
from idp.authentication.visit import Visit, Visits

PATH = "/login/organization-sso"
_LONGEST = 254


class HomeForm(FlaskForm):
    """An e-mail address, or the name in the organization's link."""

    home = StringField(
        lazy_gettext("organization_sso.field"),
        [
            InputRequired(lazy_gettext("organization_sso.required")),
            Length(max=_LONGEST, message=lazy_gettext("login.too_long")),
        ],
    )


class HomePages:
    """The page ``/login/organization-sso``."""

    def __init__(self, visits: Visits, homes: Homes) -> None:
        self._visits = visits
        self._homes = homes

    def register(self, app: Flask) -> None:
        """Mount the page."""
        app.add_url_rule(PATH, "organization_sso", self.find, methods=["GET", "POST"])

    def find(self) -> Response:
        """The form, with the address that the client hints at; or onward."""
        visit = self._visits.current()
        form = HomeForm(data={"home": _hint(visit)})
        if not form.validate_on_submit():
            return _page(visit, form, status=422 if form.errors else 200)
        slug = self._homes.by_address_or_name(form.home.data, visit.network)
        if slug is None:
            return _page(visit, form, is_unknown=True)
        interaction = visit.interaction()
        return visit.go(way(slug, visit.sealed if interaction else None))


def _hint(visit: Visit) -> str:
    interaction = visit.interaction()
    return interaction.parameters.get("login_hint", "")[:_LONGEST] if interaction else ""


def _page(visit: Visit, form: HomeForm, *, status: int = 200, is_unknown: bool = False) -> Response:
    page = render_template(
        "authentication/organization_sso.html",
        form=form,
        sealed=visit.sealed,
        is_unknown=is_unknown,
    )
    return visit.answer(page, status)
