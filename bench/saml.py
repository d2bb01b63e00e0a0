"""A SAML identity provider as Microsoft Entra ID is one: the assertion signed by RSA-SHA256.

An answer is written in canonical form from the start (xml-exc-c14n), so that a digest and a bare
signature over text make it: the generator must be quick. Whether that is right, ours decides.
"""

import base64
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.errors import WrongAnswer

ISSUER = "https://sts.windows.net/3f1c/"
_SIGN_IN = "https://login.microsoftonline.com/3f1c/saml2"
_ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_MICROSOFT = "http://schemas.microsoft.com/identity/claims/"
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_LIFETIME = timedelta(minutes=30)
_ASKED = re.compile(
    rb'(?=.*\bID="([^"]+)")(?=.*\bAssertionConsumerServiceURL="([^"]+)").*Issuer>([^<]+)<',
    re.DOTALL,
)


class SamlProvider:
    """An identity provider with one key."""

    name = "saml"

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self.certificate = _certificate(self._key)

    def connection(self) -> dict[str, Any]:
        """Return the document of the connection to it."""
        return {
            "kind": "saml",
            "product": "entra_saml",
            "name": self.name,
            "metadata": _metadata(self.certificate),
        }

    def sign_in(self, location: str, number: int) -> tuple[str, bytes]:
        """Return where the browser at ``location`` posts what, person ``number`` signed in."""
        if not location.startswith(f"{_SIGN_IN}?"):
            raise WrongAnswer(f"the way upstream leads to {location}")
        asked = dict(parse_qsl(urlsplit(location).query))
        request = zlib.decompress(base64.b64decode(asked["SAMLRequest"]), -15)
        found = _ASKED.search(request)
        if found is None:
            raise WrongAnswer(f"an odd request upstream: {request!r}")
        request_id, acs, audience = (each.decode() for each in found.groups())
        answer = self.response(request_id, acs, audience, number)
        fields = {
            "SAMLResponse": base64.b64encode(answer.encode()).decode(),
            "RelayState": asked["RelayState"],
        }
        return acs, urlencode(fields).encode()

    def response(self, request_id: str, acs: str, audience: str, number: int) -> str:
        """Return a response with one signed assertion about person ``number``."""
        now = datetime.now(UTC)
        common = {
            "request": request_id,
            "acs": acs,
            "now": _stamp(now),
            "until": _stamp(now + _LIFETIME),
        }
        name = f"_{token_hex(16)}"
        before, after = _assertion(name, audience, number, common)
        signature = self._signature(name, before + after)
        return (
            f'<samlp:Response xmlns:samlp="{_PROTOCOL}" Destination="{acs}" ID="_{token_hex(16)}"'
            f' InResponseTo="{request_id}" IssueInstant="{common["now"]}" Version="2.0">'
            f'<Issuer xmlns="{_ASSERTION}">{ISSUER}</Issuer><samlp:Status><samlp:StatusCode'
            ' Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode>'
            f"</samlp:Status>{before}{signature}{after}</samlp:Response>"
        )

    def _signature(self, name: str, canonical: str) -> str:
        digest = base64.b64encode(sha256(canonical.encode()).digest()).decode()
        info = (
            f'<SignedInfo xmlns="{_SIGNATURE}"><CanonicalizationMethod Algorithm="{_EXCLUSIVE}">'
            "</CanonicalizationMethod><SignatureMethod"
            ' Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
            f'<Reference URI="#{name}"><Transforms>'
            f'<Transform Algorithm="{_SIGNATURE}enveloped-signature"></Transform>'
            f'<Transform Algorithm="{_EXCLUSIVE}"></Transform></Transforms>'
            '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
            f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
        )
        made = self._key.sign(info.encode(), padding.PKCS1v15(), SHA256())
        return (
            f'<Signature xmlns="{_SIGNATURE}">{info}'
            f"<SignatureValue>{base64.b64encode(made).decode()}</SignatureValue>"
            f"<KeyInfo><X509Data><X509Certificate>{self.certificate}</X509Certificate>"
            "</X509Data></KeyInfo></Signature>"
        )


def _assertion(name: str, audience: str, number: int, common: Mapping[str, str]) -> tuple[str, str]:
    """Return the assertion in canonical form, before and after the place of its signature."""
    now, until = common["now"], common["until"]
    before = (
        f'<Assertion xmlns="{_ASSERTION}" ID="{name}" IssueInstant="{now}" Version="2.0">'
        f"<Issuer>{ISSUER}</Issuer>"
    )
    after = (
        '<Subject><NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">'
        f"saml{number}@example.com</NameID>"
        '<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f'<SubjectConfirmationData InResponseTo="{common["request"]}" NotOnOrAfter="{until}"'
        f' Recipient="{common["acs"]}"></SubjectConfirmationData></SubjectConfirmation></Subject>'
        f'<Conditions NotBefore="{now}" NotOnOrAfter="{until}"><AudienceRestriction>'
        f"<Audience>{audience}</Audience></AudienceRestriction></Conditions>"
        f"<AttributeStatement>{_attributes(number)}</AttributeStatement>"
        f'<AuthnStatement AuthnInstant="{now}" SessionIndex="{name}"><AuthnContext>'
        "<AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        "</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion>"
    )
    return before, after


def _attributes(number: int) -> str:
    values = {
        f"{_MICROSOFT}tenantid": "3f1c",
        f"{_MICROSOFT}objectidentifier": f"object-{number}",
        f"{_MICROSOFT}displayname": f"Aino Kuusela {number}",
        "http://schemas.microsoft.com/claims/authnmethodsreferences": (
            "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"
        ),
        f"{_CLAIMS}givenname": "Aino",
        f"{_CLAIMS}surname": f"Kuusela {number}",
        f"{_CLAIMS}emailaddress": f"saml{number}@example.com",
        f"{_CLAIMS}name": f"saml{number}@example.com",
    }
    return "".join(
        f'<Attribute Name="{name}"><AttributeValue>{value}</AttributeValue></Attribute>'
        for name, value in values.items()
    )


def _metadata(certificate: str) -> str:
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        f' xmlns:ds="{_SIGNATURE}" entityID="{ISSUER}">'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{_PROTOCOL}">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
        f' Location="{_SIGN_IN}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    )


def _certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, SHA256())
    )
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
