"""Whom an assertion is about: what identifies the person for ever, and what else it says."""

from idp.authentication.federation.connection import Connection
from idp.authentication.federation.presets import PRESETS
from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import names
from idp.authentication.federation.saml.assertion import Assertion, NameId
from idp.authentication.federation.saml.partner import nameid_format

_LONGEST = 255
_SCOPED = (
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
    "urn:oasis:names:tc:SAML:attribute:subject-id",
    "urn:oasis:names:tc:SAML:attribute:pairwise-id",
)
"""Attributes that end in the domain that vouches for them."""
_MULTIPLE = "http://schemas.microsoft.com/claims/authnmethodsreferences"
"""Where AD FS and Entra ID tell all the ways in which the person signed in."""


def subject(connection: Connection, assertion: Assertion, scopes: frozenset[str]) -> str:
    """The subject: the connection's attributes together, a colon between, or the NameID.

    FederationRefused where one is missing or not single, or the NameID is not one that lasts.
    """
    identifying = connection.document["subject"] or PRESETS[connection.product].subject
    if not identifying:
        return _of_name_id(assertion.name_id, nameid_format(connection))
    return ":".join(_of_attribute(assertion, name, scopes) for name in identifying)


def attributes(assertion: Assertion) -> dict[str, tuple[str, ...]]:
    """What the mapping may pick from: the attributes, and the NameID by its own name."""
    named = {"NameID": (assertion.name_id.value,)} if assertion.name_id else {}
    return named | dict(assertion.attributes)


def methods(assertion: Assertion) -> tuple[str, ...]:
    """How the person signed in, in the identity provider's words; not one of ours is added."""
    said = (assertion.authn_context, *assertion.attributes.get(_MULTIPLE, ()))
    return tuple(dict.fromkeys(method[:200] for method in said[:10] if method))


def _of_name_id(name_id: NameId | None, wanted: str | None) -> str:
    """A NameID that lasts: never a transient one, an e-mail address only where it is asked for."""
    if name_id is None:
        raise FederationRefused(Reason.SUBJECT_MISSING, field="NameID", expected=wanted or "")
    fleeting = name_id.format == names.TRANSIENT
    if fleeting or (name_id.format == names.EMAIL and wanted != names.EMAIL):
        raise FederationRefused(
            Reason.SUBJECT_MISSING,
            field="NameID",
            expected=wanted or names.PERSISTENT,
            received=name_id.format,
        )
    return _fit(name_id.value, "NameID")


def _of_attribute(assertion: Assertion, name: str, scopes: frozenset[str]) -> str:
    values = assertion.attributes.get(name, ())
    if len(values) != 1:
        raise FederationRefused(
            Reason.SUBJECT_MISSING, field=name, expected="1", received=str(len(values))
        )
    scope = values[0].rpartition("@")[2].lower()
    if name in _SCOPED and scopes and scope not in scopes:
        raise FederationRefused(
            Reason.SUBJECT_MISSING, field=name, expected=" ".join(sorted(scopes)), received=scope
        )
    return _fit(values[0], name)


def _fit(value: str, name: str) -> str:
    if not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise FederationRefused(Reason.SUBJECT_MISSING, field=name)
    return value
