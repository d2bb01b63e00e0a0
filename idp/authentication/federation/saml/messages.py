"""What we write: requests to sign in, requests and answers of logout, yet to be sent."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from idp.authentication.federation.saml import names
from idp.authentication.federation.saml.assertion import NameId
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element
from idp.foundation.secrets import random_id

_PREFIXES = {"samlp": names.PROTOCOL, "saml": names.ASSERTION}


@dataclass(frozen=True, kw_only=True)
class SignInWish:
    """How the identity provider should sign the person in; each is left unsaid unless wished."""

    force_authn: bool = False
    """A new sign-in, whatever session there is: for prompt=login and a max_age that has run out."""
    is_passive: bool = False
    """No page: for prompt=none."""
    nameid_format: str | None = None
    requested_context: str | None = None
    """A class of authentication to insist on. It refuses people who signed in any other way, with
    Windows itself for one (AADSTS75011), so a connection has to ask for it explicitly."""


def new_id() -> str:
    """A message's ID: an xs:ID may not begin with a digit."""
    return f"_{random_id()}"


def authn_request(
    *, issuer: str, destination: str, acs: str, now: datetime, wish: SignInWish
) -> Element:
    """A request to sign somebody in and to answer by POST (core 3.4.1)."""
    root = _message("samlp:AuthnRequest", issuer, destination, now)
    root.set("AssertionConsumerServiceURL", acs)
    root.set("ProtocolBinding", names.POST)
    if wish.force_authn:
        root.set("ForceAuthn", "true")
    if wish.is_passive:
        root.set("IsPassive", "true")
    policy = etree.SubElement(root, tag("samlp:NameIDPolicy"), {"AllowCreate": "true"})
    if wish.nameid_format:
        policy.set("Format", wish.nameid_format)
    if wish.requested_context:
        context = etree.SubElement(
            root, tag("samlp:RequestedAuthnContext"), {"Comparison": "exact"}
        )
        reference = etree.SubElement(context, tag("saml:AuthnContextClassRef"))
        reference.text = wish.requested_context
    return root


def logout_request(
    *, issuer: str, destination: str, now: datetime, name_id: NameId, session_index: str | None
) -> Element:
    """A request to end a person's session there (core 3.7.1)."""
    root = _message("samlp:LogoutRequest", issuer, destination, now)
    stated = etree.SubElement(root, tag("saml:NameID"), {"Format": name_id.format})
    stated.text = name_id.value
    if name_id.name_qualifier:
        stated.set("NameQualifier", name_id.name_qualifier)
    if name_id.sp_name_qualifier:
        stated.set("SPNameQualifier", name_id.sp_name_qualifier)
    if session_index:
        etree.SubElement(root, tag("samlp:SessionIndex")).text = session_index
    return root


def logout_response(
    *, issuer: str, destination: str, now: datetime, in_response_to: str, status: str
) -> Element:
    """An answer to a request to end sessions (core 3.7.2)."""
    root = _message("samlp:LogoutResponse", issuer, destination, now)
    root.set("InResponseTo", in_response_to)
    etree.SubElement(
        etree.SubElement(root, tag("samlp:Status")), tag("samlp:StatusCode"), {"Value": status}
    )
    return root


def _message(name: str, issuer: str, destination: str, now: datetime) -> Element:
    root = etree.Element(
        tag(name),
        {
            "ID": new_id(),
            "Version": "2.0",
            "IssueInstant": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "Destination": destination,
        },
        _PREFIXES,
    )
    etree.SubElement(root, tag("saml:Issuer")).text = issuer
    return root
