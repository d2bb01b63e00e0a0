"""A signature that holds for one element never vouches for another (saml-core 5, XSW)."""

from collections.abc import Callable

import pytest

from idp.authentication.federation.reasons import Reason
from tests.attacks.saml.refusing import careless, read, refusal
from tests.attacks.saml.wrapping import FORGED, FORMS
from tests.saml.answers import GOOD, Element
from tests.saml.signing import assertion_of, encrypted, raw, sign, signed_assertion, signed_response

Form = Callable[[Element, Element], Element]
forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)

WRAPPED = {Reason.SAML_SHAPE, Reason.SAML_SIGNATURE_SHAPE, Reason.SAML_DUPLICATE_ID}


@forms
def test_a_signed_response_cannot_be_wrapped(form: Form) -> None:
    root = signed_response(GOOD)
    forged = raw(form(root, root))
    assert FORGED in careless(forged)
    assert refusal(forged) in WRAPPED


@forms
def test_a_signed_assertion_cannot_be_wrapped(form: Form) -> None:
    root = signed_assertion(GOOD)
    forged = raw(form(root, assertion_of(root)))
    assert FORGED in careless(forged)
    assert refusal(forged) in WRAPPED


@forms
def test_a_signed_assertion_in_a_signed_response_cannot_be_wrapped(form: Form) -> None:
    root = sign(signed_assertion(GOOD))
    forged = raw(form(root, root))
    assert FORGED in careless(forged)
    assert refusal(forged) in WRAPPED


@forms
def test_wrapping_inside_an_encrypted_assertion_is_seen_too(form: Form) -> None:
    root = signed_assertion(GOOD)
    inside = assertion_of(form(root, assertion_of(root)))
    carrier = encrypted(GOOD.element(), inside=raw(inside))
    assert refusal(raw(carrier)) is Reason.SAML_DECRYPTION


@forms
def test_keeping_the_id_of_what_was_signed_changes_nothing(form: Form) -> None:
    root = signed_assertion(GOOD)
    forged = form(root, assertion_of(root))
    for element in forged.iter():
        if element.get("ID") == "_forged":
            element.set("ID", GOOD.assertion_id)
    assert refusal(raw(forged)) in WRAPPED


def test_the_unwrapped_answers_are_good() -> None:
    for answer in (signed_response(GOOD), signed_assertion(GOOD), sign(signed_assertion(GOOD))):
        name = read(raw(answer)).name_id
        assert name is not None
        assert name.value == "8f2c1e"
