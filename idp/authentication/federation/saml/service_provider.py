"""Our side of one connection: what we are called there, our keys, and the metadata that says so."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from idp.authentication.federation.saml import encryption, names
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.own_keys import OwnKey
from idp.authentication.federation.saml.reading import Element


@dataclass(frozen=True, kw_only=True)
class ServiceProvider:
    """One connection's service provider; its entity id is its metadata's address."""

    entity_id: str
    acs: str
    slo: str
    signing: OwnKey
    next_signing: Certificate | None
    """Published ahead, so that the identity provider knows it before it signs."""
    encryption: tuple[OwnKey, ...]
    """The first is published; all of them open, so that a change overlaps."""
    nameid_format: str | None = field(default=None)

    @property
    def decryption_keys(self) -> tuple[rsa.RSAPrivateKey, ...]:
        return tuple(key.private for key in self.encryption)


def metadata(sp: ServiceProvider) -> bytes:
    """Our metadata for the connection, one document (saml-metadata 2.4.4)."""
    root = etree.Element(
        tag("md:EntityDescriptor"),
        {"entityID": sp.entity_id, "cacheDuration": "P1D"},
        {"md": names.METADATA, "ds": names.SIGNATURE},
    )
    role = _add(
        root,
        "md:SPSSODescriptor",
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
        protocolSupportEnumeration=names.PROTOCOL,
    )
    for certificate in (sp.signing.certificate, sp.next_signing):
        if certificate is not None:
            _add_key(role, "signing", certificate)
    for key in sp.encryption[:1]:
        descriptor = _add_key(role, "encryption", key.certificate)
        for algorithm in (*encryption.CONTENT_ALGORITHMS, *encryption.KEY_ALGORITHMS):
            _add(descriptor, "md:EncryptionMethod", Algorithm=algorithm)
    for binding in (names.REDIRECT, names.POST):
        _add(role, "md:SingleLogoutService", Binding=binding, Location=sp.slo)
    if sp.nameid_format:
        _add(role, "md:NameIDFormat").text = sp.nameid_format
    _add(
        role,
        "md:AssertionConsumerService",
        Binding=names.POST,
        Location=sp.acs,
        index="0",
        isDefault="true",
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: Element, name: str, **attributes: str) -> Element:
    return etree.SubElement(parent, tag(name), attributes)


def _add_key(role: Element, use: str, certificate: Certificate) -> Element:
    descriptor = _add(role, "md:KeyDescriptor", use=use)
    data = _add(_add(descriptor, "ds:KeyInfo"), "ds:X509Data")
    _add(data, "ds:X509Certificate").text = certificate.base64
    return descriptor
