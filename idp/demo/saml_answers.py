"""What the demo's SAML stand-in writes: its metadata and its answers, with the tools of our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from idp.authentication.federation.saml import messages, names, signature
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.own_keys import OwnKey
from idp.authentication.federation.saml.reading import Element

_PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
_LASTS = timedelta(minutes=5)
_PREFIXES = {"samlp": names.PROTOCOL, "saml": names.ASSERTION}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, for what, and where the answer goes."""

    request_id: str
    audience: str
    acs: str


def metadata(issuer: str, key: OwnKey) -> str:
    """The stand-in's metadata (saml-metadata 2.4.3)."""
    root = etree.Element(
        tag("md:EntityDescriptor"),
        {"entityID": f"{issuer}/metadata"},
        {"md": names.METADATA, "ds": names.SIGNATURE},
    )
    role = _add(root, "md:IDPSSODescriptor", "", protocolSupportEnumeration=names.PROTOCOL)
    descriptor = _add(role, "md:KeyDescriptor", "", use="signing")
    data = _add(_add(descriptor, "ds:KeyInfo", ""), "ds:X509Data", "")
    _add(data, "ds:X509Certificate", key.certificate.base64)
    for service, path in (("SingleLogoutService", "slo"), ("SingleSignOnService", "sso")):
        _add(role, f"md:{service}", "", Binding=names.REDIRECT, Location=f"{issuer}/{path}")
    return etree.tostring(root, encoding="unicode")


def response(
    issuer: str,
    key: OwnKey,
    asked: Asked,
    *,
    name_id: str,
    attributes: Mapping[str, str],
    now: datetime,
) -> bytes:
    """An answer with one signed assertion about the person (saml-profiles 4.1.4.2)."""
    root = etree.Element(
        tag("samlp:Response"),
        {
            "ID": messages.new_id(),
            "Version": "2.0",
            "IssueInstant": _stamp(now),
            "Destination": asked.acs,
            "InResponseTo": asked.request_id,
        },
        _PREFIXES,
    )
    _add(root, "saml:Issuer", f"{issuer}/metadata")
    _add(_add(root, "samlp:Status", ""), "samlp:StatusCode", "", Value=names.SUCCESS)
    assertion = _assertion(root, issuer, asked, name_id, now)
    statement = _add(assertion, "saml:AttributeStatement", "")
    for name, value in attributes.items():
        _add(_add(statement, "saml:Attribute", "", Name=name), "saml:AttributeValue", value)
    root.replace(assertion, signature.sign(assertion, key.private, key.certificate))
    return etree.tostring(root)


def _assertion(root: Element, issuer: str, asked: Asked, name_id: str, now: datetime) -> Element:
    until = _stamp(now + _LASTS)
    assertion = _add(
        root,
        "saml:Assertion",
        "",
        ID=messages.new_id(),
        Version="2.0",
        IssueInstant=_stamp(now),
    )
    _add(assertion, "saml:Issuer", f"{issuer}/metadata")
    subject = _add(assertion, "saml:Subject", "")
    _add(subject, "saml:NameID", name_id, Format=names.PERSISTENT)
    _add(
        _add(subject, "saml:SubjectConfirmation", "", Method=names.BEARER),
        "saml:SubjectConfirmationData",
        "",
        InResponseTo=asked.request_id,
        Recipient=asked.acs,
        NotOnOrAfter=until,
    )
    conditions = _add(assertion, "saml:Conditions", "", NotBefore=_stamp(now), NotOnOrAfter=until)
    _add(_add(conditions, "saml:AudienceRestriction", ""), "saml:Audience", asked.audience)
    statement = _add(
        assertion,
        "saml:AuthnStatement",
        "",
        AuthnInstant=_stamp(now),
        SessionIndex=messages.new_id(),
    )
    _add(_add(statement, "saml:AuthnContext", ""), "saml:AuthnContextClassRef", _PASSWORD)
    return assertion


def _add(parent: Element, name: str, text: str, **attributes: str) -> Element:
    element = etree.SubElement(parent, tag(name), attributes)
    element.text = text or None
    return element


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
