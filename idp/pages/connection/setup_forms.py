"""The form of a setup link: whom it is sent to."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField


class SetupForm(FlaskForm):
    """Where a setup link goes."""

    email = EmailField(lazy_gettext("connection.setup.email"))
