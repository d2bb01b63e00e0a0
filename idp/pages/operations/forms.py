"""The forms of the operator's console; the directory says what their fields may hold."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired

from idp.config import LOCALES
from idp.foundation.locale import NAMES


def _required(label: str, key: str) -> StringField:
    return StringField(lazy_gettext(label), [InputRequired(lazy_gettext(key))])


class FoundForm(FlaskForm):
    """A new organization and its first main user (M1)."""

    name = _required("operations.name", "operations.name.required")
    slug = _required("operations.slug", "operations.slug.required")
    locale = SelectField(
        lazy_gettext("operations.locale"),
        choices=[SelectChoice(code, NAMES[code], {"lang": code}) for code in LOCALES],
        validate_choice=False,
    )
    username = _required("login.username", "operations.username.required")
    given_name = _required("profile.given_name", "operations.given_name.required")
    family_name = _required("profile.family_name", "operations.family_name.required")
    email = EmailField(lazy_gettext("profile.email"))
