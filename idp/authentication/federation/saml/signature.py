"""XML signatures in the one form SAML needs: enveloped, over the element itself (core 5.4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import names, reading
from idp.authentication.federation.saml.algorithms import (
    DIGESTS,
    SIGNATURES,
    digest_method,
    fits,
    signature_method,
)
from idp.authentication.federation.saml.certificates import Certificate
from idp.authentication.federation.saml.certificates import read as read_certificate
from idp.authentication.federation.saml.names import tag
from idp.authentication.federation.saml.reading import Element

_TRANSFORMS = (names.ENVELOPED, names.EXCLUSIVE)
_PARTS = ("SignedInfo", "SignatureValue", "KeyInfo")
_PREFIXES = 16
"""Prefixes that InclusiveNamespaces may list."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """An element exactly as it was signed, and by whom; nothing else of a message is to be read."""

    element: Element
    signer: Certificate


def is_signed(element: Element) -> bool:
    """Whether a signature is a child of the element; says nothing of its worth."""
    return element.find(tag("ds:Signature")) is not None


def verify(element: Element, trusted: Sequence[Certificate]) -> Verified:
    """The element as one of the trusted keys signed it; raises FederationRefused.

    What the signature says about its key (KeyInfo) is never looked at: the pinned keys are tried.
    """
    signature = reading.optional(element, "ds:Signature")
    if signature is None:
        raise FederationRefused(
            Reason.SAML_NOT_SIGNED, expected=f"ds:Signature in {reading.local(element)}"
        )
    method = _check_shape(signature, element)
    for certificate in trusted:
        if certificate.key is not None and fits(method, certificate.key):
            signed = _signed_by(certificate, element)
            if signed is not None:
                return Verified(element=signed, signer=certificate)
    raise FederationRefused(
        Reason.SIGNATURE_INVALID,
        expected=", ".join(certificate.fingerprint for certificate in trusted),
        received=_claimed(signature),
    )


def sign(element: Element, key: rsa.RSAPrivateKey, certificate: Certificate) -> Element:
    """The element with our signature after its Issuer, where the schema wants it (RSA-SHA256)."""
    place = etree.Element(tag("ds:Signature"), {"Id": "placeholder"}, {"ds": names.SIGNATURE})
    reading.only(element, "saml:Issuer").addnext(place)
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(
        element, key=key, cert=[certificate.x509], reference_uri=f"#{element.get('ID')}"
    )


def _signed_by(certificate: Certificate, element: Element) -> Element | None:
    """The element as signed with the certificate's key, None if it was not."""
    expected = SignatureConfiguration(
        location="./",
        signature_methods=SIGNATURES,
        digest_algorithms=DIGESTS,
        ignore_ambiguous_key_info=True,
        # The key is pinned; its certificate's dates are for warnings (certificates.py).
        verification_time=certificate.not_before,
    )
    try:
        result = XMLVerifier().verify(
            element,
            x509_cert=certificate.x509,
            expect_config=expected,
            validate_schema=False,  # _check_shape is narrower than the schema.
        )
    except (SignXMLException, ValueError):
        return None
    signed = result.signed_xml  # type: ignore[union-attr]  # one reference, so one result
    if signed is None or signed.tag != element.tag or signed.get("ID") != element.get("ID"):
        return None
    return signed


def _check_shape(signature: Element, element: Element) -> SignatureMethod:
    """Refuse every signature but one over the element by the fixed transforms; its method."""
    children = [reading.local(child) for child in signature]
    if not _is_all_of(signature, names.SIGNATURE) or (
        children not in (list(_PARTS), list(_PARTS[:2]))
    ):
        raise _odd(" ".join(_PARTS), " ".join(children))
    info = signature[0]
    if [reading.local(child) for child in info] != [
        "CanonicalizationMethod",
        "SignatureMethod",
        "Reference",
    ]:
        raise _odd("one Reference", str(len(info.findall(tag("ds:Reference")))))
    reading.encoded(signature[1])
    canonicalization, method, reference = info
    _check_canonicalization(canonicalization)
    _check_reference(reference, element)
    if len(method):
        raise _odd("SignatureMethod without parameters", reading.local(method[0]))
    return signature_method(method.get("Algorithm", ""))


def _check_reference(reference: Element, element: Element) -> None:
    uri, expected = reference.get("URI"), f"#{element.get('ID', '')}"
    if uri != expected or expected == "#":
        raise _odd(expected, str(uri))
    if [reading.local(child) for child in reference] != [
        "Transforms",
        "DigestMethod",
        "DigestValue",
    ]:
        raise _odd("Transforms DigestMethod DigestValue", "")
    transforms, digest, value = reference
    reading.encoded(value)
    algorithms = tuple(transform.get("Algorithm", "") for transform in transforms)
    if algorithms != _TRANSFORMS or len(transforms[0]):
        raise _odd(" ".join(_TRANSFORMS), " ".join(algorithms))
    _check_canonicalization(transforms[1])
    digest_method(digest.get("Algorithm", ""))


def _check_canonicalization(method: Element) -> None:
    """Exclusive, without comments, at most with a list of prefixes (xml-exc-c14n section 4)."""
    if method.get("Algorithm") != names.EXCLUSIVE:
        raise _odd(names.EXCLUSIVE, method.get("Algorithm", ""))
    for parameter in method:
        listed = parameter.get("PrefixList", "").split()
        if parameter.tag != f"{{{names.EXCLUSIVE}}}InclusiveNamespaces" or len(listed) > _PREFIXES:
            raise _odd("InclusiveNamespaces", reading.local(parameter))
    if len(method) > 1:
        raise _odd("InclusiveNamespaces", str(len(method)))


def _is_all_of(signature: Element, namespace: str) -> bool:
    """Whether the parts that are read are XML signature's own; KeyInfo's inside is not read."""
    read = [signature, *signature, *signature[0].iter()] if len(signature) else []
    return all(etree.QName(part).namespace in (namespace, names.EXCLUSIVE) for part in read)


def _claimed(signature: Element) -> str:
    """The fingerprint of the certificate the signature names, to tell which one should be added."""
    for stated in signature.iterfind(
        "/".join(map(tag, ("ds:KeyInfo", "ds:X509Data", "ds:X509Certificate")))
    ):
        try:
            return read_certificate(stated.text or "").fingerprint
        except FederationRefused:
            return ""
    return ""


def _odd(expected: str, received: str) -> FederationRefused:
    return FederationRefused(Reason.SAML_SIGNATURE_SHAPE, expected=expected, received=received)
