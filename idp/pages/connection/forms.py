"""The forms of these pages; what their fields may hold, the connection's document says."""

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, PasswordField, StringField, TextAreaField

from idp.authentication.federation.kerberos.keytab import LARGEST
from idp.errors import Invalid

LARGEST_METADATA = 1024 * 1024
"""Bytes of a metadata file; a whole federation's is larger, and refused (haka-virtu.md)."""


class WhyForm(FlaskForm):
    """Why a change is made: its version keeps it."""

    why = StringField(lazy_gettext("connection.field.why"))


class AcceptForm(FlaskForm):
    """Why waiting metadata is taken; ``mark`` names the document that was compared."""

    mark = HiddenField()
    why = StringField(lazy_gettext("connection.metadata.why"))

    def reason(self) -> str:
        """How it was made sure of; Invalid where nothing is said."""
        reason = (self.why.data or "").strip()
        if not reason:
            raise Invalid({"why": "required"})
        return reason


class OidcForm(WhyForm):
    """What an OpenID provider's administrator copies to us."""

    issuer = StringField(lazy_gettext("connection.field.issuer"))
    client_id = StringField(lazy_gettext("connection.field.client_id"))
    client_secret = PasswordField(lazy_gettext("connection.field.client_secret"))
    client_secret_expires = StringField(lazy_gettext("connection.field.client_secret_expires"))
    hosted_domain = StringField(lazy_gettext("connection.field.hosted_domain"))

    def given(self) -> dict[str, Any]:
        """The document's members; an empty field says nothing."""
        names = (
            *("issuer", "client_id", "client_secret"),
            *("client_secret_expires", "hosted_domain"),
        )
        values = {name: (self[name].data or "").strip() for name in names}
        values["client_secret_expires"] = iso_date(values["client_secret_expires"])
        return {name: value for name, value in values.items() if value}


class SamlForm(WhyForm):
    """An identity provider's metadata: at an address, in a file, or as text."""

    metadata_url = StringField(lazy_gettext("connection.field.metadata_url"))
    metadata_file = FileField(lazy_gettext("connection.field.metadata_file"))
    metadata = TextAreaField(lazy_gettext("connection.field.metadata"))

    def given(self) -> dict[str, Any]:
        """The document's members; a file counts before text."""
        file = self.metadata_file.data
        content = file.read(LARGEST_METADATA + 1) if file else b""
        text = content.decode("utf-8-sig", "replace") or (self.metadata.data or "").strip()
        values = {"metadata_url": (self.metadata_url.data or "").strip(), "metadata": text}
        return {name: value for name, value in values.items() if value}


class KerberosForm(WhyForm):
    """A realm, and the key of our service in it."""

    realm = StringField(lazy_gettext("connection.field.realm"))
    keytab = FileField(lazy_gettext("connection.field.keytab"))

    @cached_property
    def content(self) -> bytes:
        """The file that was given; empty where none was."""
        file = self.keytab.data
        return bytes(file.read(LARGEST + 1)) if file else b""

    def given(self) -> dict[str, Any]:
        """The document's members; a realm is written in capitals (RFC 4120 section 6.1)."""
        values = {
            "realm": (self.realm.data or "").strip().upper(),
            "keytab": b64encode(self.content).decode(),
        }
        return {name: value for name, value in values.items() if value}


GivenForm = OidcForm | SamlForm | KerberosForm
FORMS: Mapping[str, type[GivenForm]] = {
    "oidc": OidcForm,
    "saml": SamlForm,
    "kerberos": KerberosForm,
}


def iso_date(typed: str) -> str:
    """A date as Finns write it (31.5.2027) in the standard's way; anything else as it was typed."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", typed)
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else typed


def refuse(form: FlaskForm, error: Invalid) -> None:
    """Show each reason at its field; what has no field here is told in the summary."""
    strays = []
    for name, code in error.fields.items():
        if name in form:
            form[name].errors = [said(code, form[name].label.text)]
        else:
            strays.append(f"{name}: {said(code, name)}")
    if strays:
        form.form_errors = [*form.form_errors, *strays]


def said(code: str, field: str) -> str:
    """Why a field does not hold."""
    if code == "required":
        return gettext("connection.required", field=field)
    return gettext(f"field_error.{code}")
