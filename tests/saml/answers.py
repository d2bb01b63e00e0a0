"""An answer of an identity provider: a value with every part to vary, and the XML of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from idp.authentication.federation.saml.response import Expected
from tests.saml.keys import NOW, pair

IDP = "https://idp.example.org/saml"
SP = "https://id.example.fi/sso/kuusela/saml/metadata"
ACS = "https://id.example.fi/sso/kuusela/saml/acs"
REQUEST = "_request-1"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SUCCESS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'

Element = etree._Element


def stamp(moment: datetime) -> str:
    """An instant as SAML writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response with one assertion; None leaves a part out."""

    response_id: str = "_response-1"
    assertion_id: str = "_assertion-1"
    version: str = "2.0"
    issuer: str | None = IDP
    assertion_issuer: str | None = IDP
    destination: str | None = ACS
    recipient: str | None = ACS
    audiences: Sequence[str] = (SP,)
    in_response_to: str | None = REQUEST
    confirmed_in_response_to: str | None = REQUEST
    status: str = SUCCESS
    issued: str = stamp(NOW)
    not_before: str | None = stamp(NOW - timedelta(minutes=5))
    not_on_or_after: str | None = stamp(NOW + timedelta(hours=1))
    confirmed_until: str | None = stamp(NOW + timedelta(minutes=5))
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    name_id: str | None = f'<saml:NameID Format="{PERSISTENT}">8f2c1e</saml:NameID>'
    authn_instant: str = stamp(NOW - timedelta(minutes=1))
    session_index: str | None = "_session-1"
    session_until: str | None = None
    context: str = PASSWORD
    attributes: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {
            "urn:oid:2.5.4.42": ("Aino",),
            "urn:oid:2.5.4.4": ("Kuusela",),
        }
    )
    more_conditions: str = ""
    more_statements: str = ""
    statement: str | None = None
    """The AuthnStatement in other words."""

    def xml(self) -> str:
        """The response, unsigned."""
        return (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
            ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
            f' ID="{self.response_id}" Version="{self.version}" IssueInstant="{self.issued}"'
            f"{_given('Destination', self.destination)}"
            f"{_given('InResponseTo', self.in_response_to)}>"
            f"{_issuer(self.issuer)}<samlp:Status>{self.status}</samlp:Status>"
            f"{self.assertion()}</samlp:Response>"
        )

    def assertion(self) -> str:
        """The assertion alone, whose namespaces the response declares."""
        return (
            f'<saml:Assertion ID="{self.assertion_id}" Version="{self.version}"'
            f' IssueInstant="{self.issued}">{_issuer(self.assertion_issuer)}'
            f"<saml:Subject>{self.name_id or ''}"
            f'<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData'
            f"{_given('InResponseTo', self.confirmed_in_response_to)}"
            f"{_given('Recipient', self.recipient)}"
            f"{_given('NotOnOrAfter', self.confirmed_until)}/></saml:SubjectConfirmation>"
            f"</saml:Subject><saml:Conditions{_given('NotBefore', self.not_before)}"
            f"{_given('NotOnOrAfter', self.not_on_or_after)}>{self._audience()}"
            f"{self.more_conditions}</saml:Conditions>{self._statement()}"
            f"{self._attributes()}{self.more_statements}</saml:Assertion>"
        )

    def element(self) -> Element:
        """The response, unsigned, parsed."""
        return etree.fromstring(self.xml().encode())

    def _audience(self) -> str:
        inside = "".join(f"<saml:Audience>{each}</saml:Audience>" for each in self.audiences)
        return f"<saml:AudienceRestriction>{inside}</saml:AudienceRestriction>" if inside else ""

    def _statement(self) -> str:
        if self.statement is not None:
            return self.statement
        return (
            f'<saml:AuthnStatement AuthnInstant="{self.authn_instant}"'
            f"{_given('SessionIndex', self.session_index)}"
            f"{_given('SessionNotOnOrAfter', self.session_until)}><saml:AuthnContext>"
            f"<saml:AuthnContextClassRef>{self.context}</saml:AuthnContextClassRef>"
            "</saml:AuthnContext></saml:AuthnStatement>"
        )

    def _attributes(self) -> str:
        inside = "".join(
            f"<saml:Attribute Name={quoteattr(name)}>"
            + "".join(f"<saml:AttributeValue>{escape(v)}</saml:AttributeValue>" for v in values)
            + "</saml:Attribute>"
            for name, values in self.attributes.items()
        )
        return f"<saml:AttributeStatement>{inside}</saml:AttributeStatement>" if inside else ""


GOOD = Answer()

EXPECTED = Expected(
    issuer=IDP,
    audience=SP,
    acs=ACS,
    in_response_to=REQUEST,
    trusted=(pair("idp").certificate,),
    decryption_keys=(pair("sp encryption").private,),
    now=NOW,
)


def _given(name: str, value: str | None) -> str:
    return "" if value is None else f" {name}={quoteattr(value)}"


def _issuer(value: str | None) -> str:
    return "" if value is None else f"<saml:Issuer>{escape(value)}</saml:Issuer>"
