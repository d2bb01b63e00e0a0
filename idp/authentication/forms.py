"""The forms of mailed links; their labels and messages are text keys."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

MAX_USERNAME = 254
MAX_PASSWORD = 1024


def _required(key: str) -> InputRequired:
    return InputRequired(lazy_gettext(key))


class ForgottenForm(FlaskForm):
    """One field (M4, M8)."""

    username = StringField(
        lazy_gettext("login.username"),
        [
            _required("login.username.required"),
            Length(max=MAX_USERNAME, message=lazy_gettext("login.too_long")),
        ],
    )


class NewPasswordForm(FlaskForm):
    """One field: it can be shown, so nobody types it twice."""

    password = PasswordField(
        lazy_gettext("link.password"),
        [
            _required("link.password.required"),
            Length(max=MAX_PASSWORD, message=lazy_gettext("login.too_long")),
        ],
    )


class PressForm(FlaskForm):
    """Just a button."""
