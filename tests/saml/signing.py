"""Signing and encrypting answers, by any algorithm, good ones and those we must refuse."""

import base64
import os
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree
from signxml import algorithms as methods
from signxml.signer import SignatureReference, XMLSigner

from tests.saml.answers import Answer, Element
from tests.saml.keys import Private, certificate, pair

NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
EXCLUSIVE = methods.CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


class AnySigner(XMLSigner):
    """Signs with SHA-1 too, where a test wants to see it refused."""

    def check_deprecated_methods(self) -> None:
        """Nothing is too old for a test."""


def sign(
    element: Element,
    *,
    key: Any = None,
    certificates: list[x509.Certificate] | None = None,
    signature: str = "rsa-sha256",
    digest: str = "sha256",
    c14n: methods.CanonicalizationMethod = EXCLUSIVE,
) -> Element:
    """A copy of the element signed by the key (the identity provider's by default)."""
    copy = etree.fromstring(etree.tostring(element))
    private = key or pair("idp").private
    place = etree.Element(f"{{{NS['ds']}}}Signature", {"Id": "placeholder"}, {"ds": NS["ds"]})
    issuer = copy.find("saml:Issuer", NS)
    if issuer is None:
        copy.insert(0, place)
    else:
        issuer.addnext(place)
    signer = AnySigner(signature_algorithm=signature, digest_algorithm=digest, c14n_algorithm=c14n)
    reference = SignatureReference(URI=f"#{element.get('ID')}", c14n_method=c14n)
    return signer.sign(copy, key=private, cert=certificates, reference_uri=[reference])


def shown(private: Private) -> list[x509.Certificate]:
    """The certificate as a signature's KeyInfo shows it."""
    return [certificate(private).x509]


def signed_response(answer: Answer, **how: Any) -> Element:
    """The answer with the response signed."""
    return sign(answer.element(), **how)


def signed_assertion(answer: Answer, **how: Any) -> Element:
    """The answer with the assertion signed, the response not."""
    return with_signed_assertion(answer.element(), **how)


def with_signed_assertion(response: Element, **how: Any) -> Element:
    """The response, its assertion replaced by the same signed."""
    assertion = assertion_of(response)
    response.replace(assertion, sign(assertion, **how))
    return response


def assertion_of(response: Element) -> Element:
    """The response's assertion."""
    found = response.find("saml:Assertion", NS)
    assert found is not None
    return found


def raw(element: Element) -> bytes:
    """The bytes as they are posted, before base64."""
    return etree.tostring(element)


def encrypted(
    response: Element,
    *,
    to: rsa.RSAPublicKey | None = None,
    content: str = "aes256-gcm",
    transport: str = "rsa-oaep-mgf1p",
    oaep: str = "sha1",
    inside: bytes | None = None,
) -> Element:
    """The response with its assertion (or ``inside``) encrypted to our key."""
    assertion = assertion_of(response)
    plain = inside if inside is not None else etree.tostring(assertion)
    key = os.urandom(32 if "256" in content else 16)
    data = _encrypted_data(
        content,
        _gcm(key, plain) if "gcm" in content else _cbc(key, plain),
        _wrapped(key, to or pair("sp encryption").private.public_key(), transport, oaep),
        transport,
        oaep,
    )
    wrapper = etree.fromstring(
        f'<saml:EncryptedAssertion xmlns:saml="{NS["saml"]}">{data}</saml:EncryptedAssertion>'
    )
    response.replace(assertion, wrapper)
    return response


def _gcm(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _cbc(key: bytes, plain: bytes) -> bytes:
    vector = os.urandom(16)
    missing = 16 - len(plain) % 16
    padded = plain + os.urandom(missing - 1) + bytes([missing])
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(padded) + encryptor.finalize()


def _wrapped(key: bytes, to: rsa.RSAPublicKey, transport: str, oaep: str) -> bytes:
    if transport == "rsa-1_5":
        return to.encrypt(key, PKCS1v15())
    hashed = SHA1() if oaep == "sha1" else SHA256()
    mgf = SHA1() if transport == "rsa-oaep-mgf1p" else hashed
    return to.encrypt(key, OAEP(mgf=MGF1(mgf), algorithm=hashed, label=None))


def _encrypted_data(content: str, cipher: bytes, key: bytes, transport: str, oaep: str) -> str:
    old, new = NS["xenc"], "http://www.w3.org/2009/xmlenc11#"
    hashed = f"{NS['ds']}sha1" if oaep == "sha1" else f"{old}sha256"
    mgf = f'<x:MGF xmlns:x="{new}" Algorithm="{new}mgf1{oaep}"/>' if transport == "rsa-oaep" else ""
    return (
        f'<xenc:EncryptedData xmlns:xenc="{old}" xmlns:ds="{NS["ds"]}" Type="{old}Element">'
        f'<xenc:EncryptionMethod Algorithm="{new if "gcm" in content else old}{content}"/>'
        "<ds:KeyInfo><xenc:EncryptedKey>"
        f'<xenc:EncryptionMethod Algorithm="{new if transport == "rsa-oaep" else old}{transport}">'
        f'<ds:DigestMethod Algorithm="{hashed}"/>{mgf}</xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(key).decode()}</xenc:CipherValue>"
        "</xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(cipher).decode()}"
        "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
    )
