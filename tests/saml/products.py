"""Answers in the shapes the named products send: their prefixes, types, places of signatures.

Written after each product's documentation and captured answers, with nothing of anybody's in them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from tests.saml.answers import ACS, REQUEST, SP, Element
from tests.saml.keys import pair
from tests.saml.signing import NS, encrypted, shown, sign
from tests.saml.xmlsec import sign_by_xmlsec

FOLDER = Path(__file__).with_name("shapes")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One product's answer, unsigned, and how it is signed."""

    product: str
    shape: str
    """The file in ``shapes/``."""
    issuer: str
    seal: Callable[[Element], Element]
    subject: str
    mapped: dict[str, str] = field(default_factory=dict)


def assertion_signed(**how: Any) -> Callable[[Element], Element]:
    """The assertion is signed, the response not."""

    def seal(root: Element) -> Element:
        assertion = root.find("saml:Assertion", NS)
        assert assertion is not None
        root.replace(assertion, sign(assertion, **how))
        return root

    return seal


def both_signed(**how: Any) -> Callable[[Element], Element]:
    """The assertion is signed, then the response around it."""
    return lambda root: sign(assertion_signed(**how)(root), **how)


def both_signed_by_xmlsec(prefixes: str) -> Callable[[Element], Element]:
    """Both are signed over a list of inclusive prefixes."""

    def seal(root: Element) -> Element:
        assertion = root.find("saml:Assertion", NS)
        assert assertion is not None
        root.replace(assertion, sign_by_xmlsec(assertion, prefixes))
        return sign_by_xmlsec(root, prefixes)

    return seal


def response_signed(**how: Any) -> Callable[[Element], Element]:
    """The response alone is signed."""
    return lambda root: sign(root, **how)


def encrypted_then_signed(**how: Any) -> Callable[[Element], Element]:
    """The assertion is encrypted unsigned, the response around it signed."""
    return lambda root: sign(encrypted(root, **how))


def signed_then_encrypted(**how: Any) -> Callable[[Element], Element]:
    """The assertion is signed, then encrypted; the response is not signed."""
    return lambda root: encrypted(assertion_signed()(root), **how)


KEY_SHOWN = shown(pair("idp").private)
NAMES = {"given_name": "Aino", "family_name": "Kuusela"}

SHAPES = [
    Shape(
        product="entra_saml",
        shape="entra",
        issuer="https://sts.windows.net/3f1c/",
        seal=assertion_signed(certificates=KEY_SHOWN),
        subject="3f1c:77aa",
        mapped=NAMES | {"username": "aino@kuusela.example", "email": "aino@kuusela.example"},
    ),
    Shape(
        product="entra_saml",
        shape="entra",
        issuer="https://sts.windows.net/3f1c/",
        seal=signed_then_encrypted(content="aes256-cbc"),
        subject="3f1c:77aa",
        mapped=NAMES,
    ),
    Shape(
        product="adfs",
        shape="adfs",
        issuer="http://adfs.kuusela.example/adfs/services/trust",
        seal=assertion_signed(certificates=KEY_SHOWN),
        subject="S-1-5-21-77",
        mapped=NAMES,
    ),
    Shape(
        product="adfs",
        shape="adfs",
        issuer="http://adfs.kuusela.example/adfs/services/trust",
        seal=signed_then_encrypted(content="aes256-cbc"),
        subject="S-1-5-21-77",
        mapped=NAMES,
    ),
    Shape(
        product="google_saml",
        shape="google",
        issuer="https://accounts.google.com/o/saml2?idpid=C01",
        seal=response_signed(certificates=KEY_SHOWN),
        subject="aino@kuusela.example",
        mapped=NAMES | {"username": "aino@kuusela.example", "email": "aino@kuusela.example"},
    ),
    Shape(
        product="okta_saml",
        shape="okta",
        issuer="http://www.okta.com/exk1",
        seal=both_signed_by_xmlsec("xs"),
        subject="aino@kuusela.example",
        mapped=NAMES | {"username": "aino@kuusela.example"},
    ),
    Shape(
        product="keycloak_saml",
        shape="keycloak",
        issuer="https://sso.kuusela.example/realms/k",
        seal=response_signed(),
        subject="G-6f0e",
        mapped=NAMES,
    ),
    Shape(
        product="keycloak_saml",
        shape="keycloak",
        issuer="https://sso.kuusela.example/realms/k",
        seal=signed_then_encrypted(content="aes128-cbc"),
        subject="G-6f0e",
        mapped=NAMES,
    ),
    Shape(
        product="haka_virtu",
        shape="shibboleth",
        issuer="https://idp.kuusela.example/idp/shibboleth",
        seal=encrypted_then_signed(content="aes128-gcm"),
        subject="aino@kuusela.example",
        mapped=NAMES | {"username": "aino@kuusela.example"},
    ),
    Shape(
        product="saml",
        shape="keycloak",
        issuer="https://sso.kuusela.example/realms/k",
        seal=both_signed(),
        subject="G-6f0e",
        mapped=NAMES,
    ),
]


def text(shape: str, now: datetime) -> str:
    """The product's answer of this moment, unsigned."""
    return (
        (FOLDER / f"{shape}.xml")
        .read_text()
        .format(
            now=f"{now:%Y-%m-%dT%H:%M:%S}.000Z",
            until=f"{now + timedelta(minutes=60):%Y-%m-%dT%H:%M:%S}.000Z",
            acs=ACS,
            audience=SP,
            request=REQUEST,
        )
    )


def made(shape: Shape, written: str) -> bytes:
    """The answer, signed as the product does."""
    return etree.tostring(shape.seal(etree.fromstring(written.encode())))
