"""The forms of a person's own pages; the directory says what a field of a profile may hold."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from idp.config import LOCALES
from idp.foundation.locale import NAMES

_MAX_PASSWORD = 1024


def _password(label: str, required: str) -> PasswordField:
    return PasswordField(
        lazy_gettext(label),
        [
            InputRequired(lazy_gettext(required)),
            Length(max=_MAX_PASSWORD, message=lazy_gettext("login.too_long")),
        ],
    )


class ProfileForm(FlaskForm):
    """'Tiedot' (M11, M13)."""

    given_name = StringField(lazy_gettext("profile.given_name"))
    family_name = StringField(lazy_gettext("profile.family_name"))
    email = EmailField(lazy_gettext("profile.email"))
    title = StringField(lazy_gettext("profile.title"))
    unit = StringField(lazy_gettext("profile.unit"))
    locale = SelectField(
        lazy_gettext("profile.locale"),
        choices=[
            SelectChoice("", lazy_gettext("profile.locale.none")),
            *(SelectChoice(code, NAMES[code], {"lang": code}) for code in LOCALES),
        ],
        validate_choice=False,
    )


class PasswordForm(FlaskForm):
    """'Salasana' (M11, M13): the old one proves who asks, the new one can be shown."""

    current = _password("password.current", "password.current.required")
    password = _password("password.new", "password.new.required")
