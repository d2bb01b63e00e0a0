"""The form of a connection's name and rules: what its document says beside values and mapping."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from idp.pages.connection.forms import WhyForm

_CLEARABLE = ("email", "title", "unit")
_NAMEIDS = ("persistent", "email", "unspecified")
_POLICY = ("create_people", "empty_clears", "dormant_after_days")


class PolicyForm(WhyForm):
    """What concerns every kind."""

    display_name = StringField(lazy_gettext("connection.policy.display_name"))
    create_people = BooleanField(lazy_gettext("connection.policy.create_people"))
    empty_clears = SelectMultipleField(
        lazy_gettext("connection.policy.empty_clears"),
        choices=[SelectChoice(n, lazy_gettext(f"connection.target.{n}")) for n in _CLEARABLE],
        option_widget=CheckboxInput(),
        widget=ListWidget(),
    )
    dormant_after_days = StringField(lazy_gettext("connection.policy.dormant_after_days"))

    def policy(self) -> dict[str, Any]:
        """The members of ``policy`` that stand in the form."""
        return {name: self[name].data for name in _POLICY}

    def own(self) -> dict[str, Any]:
        """The document's own members that do."""
        return {"display_name": (self.display_name.data or "").strip()}


class OidcPolicyForm(PolicyForm):
    """What concerns an OpenID provider."""

    userinfo = BooleanField(lazy_gettext("connection.policy.userinfo"))
    sign_out = BooleanField(lazy_gettext("connection.policy.sign_out"))

    def own(self) -> dict[str, Any]:
        """Both are the document's own."""
        return {**super().own(), "userinfo": self.userinfo.data, "sign_out": self.sign_out.data}


class SamlPolicyForm(PolicyForm):
    """What concerns a SAML identity provider."""

    subject = StringField(lazy_gettext("connection.policy.subject"))
    nameid_format = SelectField(
        lazy_gettext("connection.policy.nameid_format"),
        choices=[
            SelectChoice("", lazy_gettext("connection.rule.preset")),
            *(SelectChoice(n, lazy_gettext(f"connection.nameid.{n}")) for n in _NAMEIDS),
        ],
    )
    sign_out = BooleanField(lazy_gettext("connection.policy.sign_out"))
    requested_context = StringField(lazy_gettext("connection.policy.requested_context"))
    clock_skew_seconds = StringField(lazy_gettext("connection.policy.clock_skew_seconds"))
    allow_unsolicited = BooleanField(lazy_gettext("connection.policy.allow_unsolicited"))

    def policy(self) -> dict[str, Any]:
        """Unasked answers are a matter of policy."""
        return {**super().policy(), "allow_unsolicited": self.allow_unsolicited.data}

    def own(self) -> dict[str, Any]:
        """The rest is the document's own; what is empty is the product's."""
        return {
            **super().own(),
            "subject": names(self.subject.data or ""),
            "nameid_format": self.nameid_format.data or None,
            "sign_out": self.sign_out.data,
            "requested_context": (self.requested_context.data or "").strip() or None,
            "clock_skew_seconds": (self.clock_skew_seconds.data or "").strip(),
        }


FORMS: Mapping[str, type[PolicyForm]] = {
    "oidc": OidcPolicyForm,
    "saml": SamlPolicyForm,
    "kerberos": PolicyForm,
}


def names(typed: str) -> list[str]:
    """Names of attributes, separated by blanks: none of them holds one."""
    return typed.replace(",", " ").split()


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as its form shows it."""
    return {**document, **document["policy"], "subject": " ".join(document.get("subject", ()))}
