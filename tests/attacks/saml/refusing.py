"""Asking our service provider, and a careless one, what they make of an answer."""

import dataclasses
from typing import Any

from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import assertion
from idp.authentication.federation.saml.assertion import Assertion
from tests.saml.answers import EXPECTED
from tests.saml.keys import pair
from tests.saml.signing import NS


def read(raw: bytes, **expected: Any) -> Assertion:
    """What our service provider reads in the answer."""
    return assertion.read(raw, dataclasses.replace(EXPECTED, **expected))


def refusal(raw: bytes, **expected: Any) -> Reason:
    """Why our service provider refuses; an answer that it takes is the failure of the test."""
    try:
        taken = read(raw, **expected)
    except FederationRefused as refused:
        return refused.reason
    raise AssertionError(f"taken: {taken.name_id}")


def careless(raw: bytes) -> set[str]:
    """Every name somebody might read who checks that *some* signature of the right key holds.

    Shows that an attack is one: the signature in it is good, and the forged name is there to read.
    """
    XMLVerifier().verify(
        raw,
        x509_cert=pair("idp").certificate.x509,
        expect_config=SignatureConfiguration(verification_time=pair("idp").certificate.not_before),
        validate_schema=False,
    )
    named = etree.fromstring(raw).iterfind(".//saml:NameID", NS)
    return {"".join(each.itertext()) for each in named}
