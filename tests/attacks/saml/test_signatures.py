"""Signatures that are missing, foreign, weak or of another form than the one SAML needs."""

import base64
from copy import deepcopy
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from signxml.algorithms import CanonicalizationMethod

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import signature
from tests.attacks.saml.refusing import careless, read, refusal
from tests.saml.answers import EXPECTED, GOOD, Element
from tests.saml.keys import certificate, ec_key, pair, rsa_key
from tests.saml.signing import (
    NS,
    assertion_of,
    raw,
    shown,
    sign,
    signed_assertion,
    signed_response,
    with_signed_assertion,
)
from tests.saml.xmlsec import sign_by_xmlsec


def signature_of(element: Element) -> Element:
    found = element.find(".//ds:Signature", NS)
    assert found is not None
    return found


def inside(element: Element, path: str) -> Element:
    found = signature_of(element).find(path, NS)
    assert found is not None
    return found


def renamed(element: Element, forged: str = "forged") -> Element:
    named = element.find(".//saml:NameID", NS)
    assert named is not None
    named.text = forged
    return element


def test_what_nobody_signed_is_refused() -> None:
    assert refusal(raw(GOOD.element())) is Reason.SAML_NOT_SIGNED


@pytest.mark.parametrize("sign_it", [signed_response, signed_assertion])
def test_taking_the_signature_away_is_seen(sign_it: object) -> None:
    root = sign_it(GOOD)  # type: ignore[operator]
    found = signature_of(root)
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)
    assert refusal(raw(renamed(root))) is Reason.SAML_NOT_SIGNED


@pytest.mark.parametrize("sign_it", [signed_response, signed_assertion])
def test_changing_what_was_signed_is_seen(sign_it: object) -> None:
    root = renamed(sign_it(GOOD))  # type: ignore[operator]
    assert refusal(raw(root)) is Reason.SIGNATURE_INVALID


def test_an_assertions_own_signature_must_hold_in_a_signed_response_too() -> None:
    forged = renamed(signed_assertion(GOOD))
    assert refusal(raw(sign(forged))) is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("sign_it", [signed_response, signed_assertion])
def test_a_foreign_key_is_refused_whatever_certificate_it_shows(sign_it: object) -> None:
    foreign = rsa_key("somebody else")
    for certificates in (None, shown(foreign), [pair("idp").certificate.x509]):
        root = sign_it(GOOD, key=foreign, certificates=certificates)  # type: ignore[operator]
        assert refusal(raw(root)) is Reason.SIGNATURE_INVALID


def test_the_refusal_names_the_certificate_that_was_shown() -> None:
    foreign = rsa_key("somebody else")
    with pytest.raises(FederationRefused) as refused:
        read(raw(signed_response(GOOD, key=foreign, certificates=shown(foreign))))
    assert refused.value.expected == pair("idp").certificate.fingerprint
    assert refused.value.received == certificate(foreign).fingerprint


def test_a_good_signature_counts_whatever_key_info_says() -> None:
    root = signed_response(GOOD, certificates=shown(rsa_key("somebody else")))
    assert read(raw(root)).signed_with == pair("idp").certificate.fingerprint


def test_another_connections_key_is_a_foreign_key() -> None:
    other = pair("another connection")
    root = signed_response(GOOD)
    assert refusal(raw(root), trusted=(other.certificate,)) is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("method", ["rsa-sha1", "rsa-sha224", "sha256-rsa-MGF1", "dsa-sha256"])
def test_weak_and_odd_signature_methods_are_refused(method: str) -> None:
    root = signed_response(GOOD)
    named = inside(root, "ds:SignedInfo/ds:SignatureMethod")
    named.set("Algorithm", {"rsa-sha1": f"{NS['ds']}rsa-sha1"}.get(method, f"urn:x:{method}"))
    assert refusal(raw(root)) is Reason.SAML_ALGORITHM


def test_a_whole_sha1_signature_is_refused() -> None:
    root = signed_response(GOOD, signature="rsa-sha1", digest="sha1")
    assert refusal(raw(root)) is Reason.SAML_ALGORITHM


def test_a_sha1_digest_under_a_good_signature_is_refused() -> None:
    assert refusal(raw(signed_response(GOOD, digest="sha1"))) is Reason.SAML_ALGORITHM


def test_the_public_key_is_no_shared_secret() -> None:
    public = pair("idp").private.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        pair("idp").certificate.der,
    ):
        root = signed_response(GOOD, key=secret, signature="hmac-sha256")
        assert refusal(raw(root)) is Reason.SAML_ALGORITHM


def test_an_rsa_name_over_an_elliptic_key_is_refused() -> None:
    trusted = (certificate(ec_key("idp")),)
    assert refusal(raw(signed_response(GOOD)), trusted=trusted) is Reason.SIGNATURE_INVALID


def test_a_short_rsa_key_never_counts() -> None:
    short = rsa_key("short", 1024)
    root = signed_response(GOOD, key=short)
    assert refusal(raw(root), trusted=(certificate(short),)) is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize("method", ["ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"])
def test_elliptic_signatures_are_good(method: str) -> None:
    root = signed_assertion(GOOD, key=ec_key("idp"), signature=method)
    assert read(raw(root), trusted=(certificate(ec_key("idp")),)).id == GOOD.assertion_id


@pytest.mark.parametrize("method", ["rsa-sha256", "rsa-sha384", "rsa-sha512"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_rsa_signatures_are_good(method: str, digest: str) -> None:
    root = signed_response(GOOD, signature=method, digest=digest)
    assert read(raw(root)).id == GOOD.assertion_id


def test_either_of_two_certificates_is_good() -> None:
    trusted = (pair("old").certificate, pair("idp").certificate)
    assert read(raw(signed_response(GOOD)), trusted=trusted).id == GOOD.assertion_id


def test_a_certificates_dates_do_not_refuse() -> None:
    past = certificate(
        rsa_key("idp"), starts=EXPECTED.now.replace(year=2019), ends=EXPECTED.now.replace(year=2020)
    )
    assert read(raw(signed_response(GOOD)), trusted=(past,)).signed_with == past.fingerprint


def test_listed_prefixes_are_good() -> None:
    root = sign_by_xmlsec(GOOD.element(), "saml xs")
    assert read(raw(root)).id == GOOD.assertion_id


def test_a_list_of_prefixes_has_an_end() -> None:
    root = sign_by_xmlsec(GOOD.element(), " ".join(f"p{n}" for n in range(17)))
    assert refusal(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


@pytest.mark.parametrize(
    "method",
    [
        CanonicalizationMethod.CANONICAL_XML_1_0,
        CanonicalizationMethod.CANONICAL_XML_1_1,
        CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS,
    ],
)
def test_other_canonicalizations_are_refused(method: CanonicalizationMethod) -> None:
    assert refusal(raw(signed_response(GOOD, c14n=method))) is Reason.SAML_SIGNATURE_SHAPE


@pytest.mark.parametrize("uri", ["", "#", "#_assertion-1", "#xpointer(/)", "https://evil.example"])
def test_a_reference_names_the_element_itself(uri: str) -> None:
    root = signed_response(GOOD)
    inside(root, "ds:SignedInfo/ds:Reference").set("URI", uri)
    assert refusal(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


def test_a_reference_without_uri_is_refused() -> None:
    root = signed_response(GOOD)
    del inside(root, "ds:SignedInfo/ds:Reference").attrib["URI"]
    assert refusal(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


def test_two_references_are_refused() -> None:
    root = signed_response(GOOD)
    reference = inside(root, "ds:SignedInfo/ds:Reference")
    reference.addnext(deepcopy(reference))
    assert refusal(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


def test_no_reference_is_refused() -> None:
    root = signed_response(GOOD)
    info = inside(root, "ds:SignedInfo")
    info.remove(inside(root, "ds:SignedInfo/ds:Reference"))
    assert refusal(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


def test_two_signatures_of_one_element_are_refused() -> None:
    root = signed_response(GOOD)
    signature_of(root).addnext(deepcopy(signature_of(root)))
    assert refusal(raw(root)) is Reason.SAML_SHAPE


def test_an_element_of_another_namespace_is_no_part_of_a_signature() -> None:
    root = signed_response(GOOD)
    value = inside(root, "ds:SignatureValue")
    value.tag = "{urn:other}SignatureValue"
    assert refusal(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


@pytest.mark.parametrize("value", ["AAAA", base64.b64encode(b"x" * 256).decode()])
@pytest.mark.parametrize(
    "place", ["ds:SignatureValue", "ds:SignedInfo/ds:Reference/ds:DigestValue"]
)
def test_a_wrong_value_is_no_signature(place: str, value: str) -> None:
    root = signed_response(GOOD)
    inside(root, place).text = value
    assert refusal(raw(root)) is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "place", ["ds:SignatureValue", "ds:SignedInfo/ds:Reference/ds:DigestValue"]
)
@pytest.mark.parametrize("value", ["", " ", "ä!", "A"])
def test_a_value_that_is_no_base64_is_no_signature(place: str, value: str) -> None:
    root = signed_response(GOOD)
    inside(root, place).text = value
    assert refusal(raw(root)) is Reason.SAML_SHAPE


def test_an_elliptic_value_of_another_length_is_no_signature() -> None:
    root = signed_assertion(GOOD, key=ec_key("idp"), signature="ecdsa-sha256")
    inside(root, "ds:SignatureValue").text = base64.b64encode(b"x" * 63).decode()
    trusted = (certificate(ec_key("idp")),)
    assert refusal(raw(root), trusted=trusted) is Reason.SIGNATURE_INVALID


def test_only_the_signed_element_is_read() -> None:
    root = signed_assertion(GOOD)
    etree.SubElement(root, f"{{{NS['samlp']}}}Extensions").text = "forged"
    verified = signature.verify(assertion_of(root), EXPECTED.trusted)
    assert verified.element.getroottree().getroot() is verified.element
    assert verified.element.find("ds:Signature", NS) is None


def test_curves_we_do_not_know_never_count() -> None:
    odd = ec.generate_private_key(ec.SECP256K1())
    assert certificate(odd).key is None


def test_two_assertions_are_one_too_many() -> None:
    root = signed_assertion(GOOD)
    second = replace(GOOD, assertion_id="_assertion-2", name_id="<saml:NameID>forged</saml:NameID>")
    other = assertion_of(with_signed_assertion(second.element()))
    root.append(other)
    assert "forged" in careless(raw(root))
    assert refusal(raw(root)) is Reason.SAML_SHAPE
