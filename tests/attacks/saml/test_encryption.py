"""Encryption hides; it vouches for nothing, and must tell nothing."""

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from tests.attacks.saml.refusing import read, refusal
from tests.saml.answers import EXPECTED, GOOD, Element
from tests.saml.keys import pair
from tests.saml.signing import NS, encrypted, raw, sign, signed_assertion

CONTENTS = ("aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc")
contents = pytest.mark.parametrize("content", CONTENTS)


def cipher(element: Element) -> Element:
    found = element.find(".//saml:EncryptedAssertion/xenc:EncryptedData/xenc:CipherData/*", NS)
    assert found is not None
    return found


@contents
@pytest.mark.parametrize(
    ("transport", "oaep"),
    [
        ("rsa-oaep-mgf1p", "sha1"),
        ("rsa-oaep-mgf1p", "sha256"),
        ("rsa-oaep", "sha1"),
        ("rsa-oaep", "sha256"),
    ],
)
def test_a_signed_assertion_inside_is_good(content: str, transport: str, oaep: str) -> None:
    root = encrypted(signed_assertion(GOOD), content=content, transport=transport, oaep=oaep)
    assert read(raw(root)).id == GOOD.assertion_id


@contents
def test_an_unsigned_assertion_in_a_signed_response_is_good(content: str) -> None:
    root = sign(encrypted(GOOD.element(), content=content))
    assert read(raw(root)).id == GOOD.assertion_id


@contents
def test_an_unsigned_assertion_in_an_unsigned_response_is_refused(content: str) -> None:
    root = encrypted(GOOD.element(), content=content)
    assert refusal(raw(root)) is Reason.SAML_DECRYPTION


def test_signing_it_with_a_foreign_key_does_not_help() -> None:
    root = encrypted(signed_assertion(GOOD, key=pair("foreign").private))
    assert refusal(raw(root)) is Reason.SAML_DECRYPTION


def test_old_key_transport_is_refused() -> None:
    root = encrypted(signed_assertion(GOOD), transport="rsa-1_5")
    assert refusal(raw(root)) is Reason.SAML_ALGORITHM


def test_content_in_an_unknown_cipher_is_refused() -> None:
    root = encrypted(signed_assertion(GOOD))
    method = root.find(".//xenc:EncryptedData/xenc:EncryptionMethod", NS)
    assert method is not None
    method.set("Algorithm", f"{NS['xenc']}tripledes-cbc")
    assert refusal(raw(root)) is Reason.SAML_ALGORITHM


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"no XML",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        b"<x/>",
        raw(GOOD.element()),
        raw(signed_assertion(replace(GOOD, issuer="https://evil.example"))),
    ],
)
@contents
def test_whatever_is_wrong_inside_reads_the_same_from_outside(content: str, inside: bytes) -> None:
    root = encrypted(GOOD.element(), content=content, inside=inside)
    with pytest.raises(FederationRefused) as refused:
        read(raw(root))
    told = refused.value
    assert (told.reason, told.expected, told.received) == (Reason.SAML_DECRYPTION, "", "")


@contents
@pytest.mark.parametrize("position", [0, 15, 16, 40, -17, -1])
def test_a_changed_ciphertext_reads_the_same_from_outside(content: str, position: int) -> None:
    root = encrypted(signed_assertion(GOOD), content=content)
    place = cipher(root)
    text = bytearray((place.text or "").encode())
    at = position if position >= 0 else len(text) - 1 + position
    text[at] = ord("A") if text[at] != ord("A") else ord("B")
    place.text = text.decode()
    with pytest.raises(FederationRefused) as refused:
        read(raw(root))
    told = refused.value
    assert (told.reason, told.expected, told.received) == (Reason.SAML_DECRYPTION, "", "")


def test_what_is_encrypted_to_another_reads_the_same_from_outside() -> None:
    root = encrypted(signed_assertion(GOOD), to=pair("another").private.public_key())
    assert refusal(raw(root)) is Reason.SAML_DECRYPTION


def test_the_old_key_opens_while_the_new_one_is_published() -> None:
    keys = (pair("sp next").private, *EXPECTED.decryption_keys)
    root = encrypted(signed_assertion(GOOD))
    assert read(raw(root), decryption_keys=keys).id == GOOD.assertion_id


def test_an_encrypted_assertion_beside_a_plain_one_is_refused() -> None:
    root = encrypted(signed_assertion(GOOD))
    plain = signed_assertion(replace(GOOD, assertion_id="_assertion-2"))
    root.extend(plain.findall("saml:Assertion", NS))
    assert refusal(raw(root)) is Reason.SAML_SHAPE


@pytest.mark.parametrize("count", [0, 5, 1000])
def test_many_keys_cost_nothing(count: int) -> None:
    root = encrypted(signed_assertion(GOOD))
    key = root.find(".//xenc:EncryptedKey", NS)
    assert key is not None
    info = key.getparent()
    assert info is not None
    for _ in range(count):
        info.append(etree.fromstring(etree.tostring(key)))
    if not count:
        info.remove(key)
    assert refusal(raw(root)) in {Reason.SAML_SHAPE, Reason.SAML_TOO_LARGE}


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (".//xenc:EncryptedKey/xenc:EncryptionMethod/ds:DigestMethod", {"Algorithm": "urn:md5"}),
    ],
)
def test_a_parameter_we_do_not_know_is_refused(path: str, changes: dict[str, Any]) -> None:
    root = encrypted(signed_assertion(GOOD))
    found = root.find(path, NS)
    assert found is not None
    found.attrib.update(changes)
    assert refusal(raw(root)) is Reason.SAML_ALGORITHM


def test_a_label_is_refused() -> None:
    root = encrypted(signed_assertion(GOOD))
    method = root.find(".//xenc:EncryptedKey/xenc:EncryptionMethod", NS)
    assert method is not None
    etree.SubElement(method, f"{{{NS['xenc']}}}OAEPparams").text = "bGFiZWw="
    assert refusal(raw(root)) is Reason.SAML_SHAPE
