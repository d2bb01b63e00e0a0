"""The forms of the console; what their fields may hold, the directory says."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, StringField, TextAreaField

from idp.directory.fields import ROLES
from idp.errors import Invalid


class RolesForm(FlaskForm):
    """What somebody is in the organization."""

    title = StringField(lazy_gettext("organization.field.title"))
    unit = StringField(lazy_gettext("organization.field.unit"))
    main_user = BooleanField(lazy_gettext("organization.role.main_user"))
    it_admin = BooleanField(lazy_gettext("organization.role.it_admin"))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that are ticked."""
        return tuple(role for role in ROLES if self[role].data)


class AddForm(RolesForm):
    """A new person (M2); the e-mail address is proposed as the username (M3)."""

    email = EmailField(lazy_gettext("organization.field.email"))
    username = StringField(lazy_gettext("organization.field.username"))
    given_name = StringField(lazy_gettext("organization.field.given_name"))
    family_name = StringField(lazy_gettext("organization.field.family_name"))
    mail = BooleanField(lazy_gettext("organization.field.mail"), default=True)


class EditForm(RolesForm):
    """A person's name, and what they are in the organization."""

    given_name = StringField(lazy_gettext("organization.field.given_name"))
    family_name = StringField(lazy_gettext("organization.field.family_name"))


class EmailForm(FlaskForm):
    """Another e-mail address."""

    email = EmailField(lazy_gettext("organization.field.email"))


class UsernameForm(FlaskForm):
    """Another username, and why (M18)."""

    username = StringField(lazy_gettext("organization.field.new_username"))
    reason = StringField(lazy_gettext("organization.field.reason"))


class FileForm(FlaskForm):
    """The people to import: a file, or its text."""

    file = FileField(lazy_gettext("organization.field.file"))
    text = TextAreaField(lazy_gettext("organization.field.text"))


class ImportForm(FlaskForm):
    """What was checked, to be imported now; it comes back sealed, as it was checked."""

    mail = BooleanField(lazy_gettext("organization.field.mail_all"), default=True)


def refuse(form: FlaskForm, error: Invalid) -> None:
    """Show why at each field; several empty ones are told apart in the summary by their names."""
    reasons = {name: field_error(code, error.detail) for name, code in error.fields.items()}
    for name, code in error.fields.items():
        if code == "required":
            reasons[name] = gettext("organization.required", field=form[name].label.text)
    show(form, reasons)


def show(form: FlaskForm, reasons: Mapping[str, str]) -> None:
    """Show a reason at each field."""
    for name, reason in reasons.items():
        form[name].errors = [reason]


def field_error(code: str, detail: Mapping[str, object]) -> str:
    """Why a field does not hold."""
    return gettext(f"field_error.{code}", **detail)
