"""Every reason has its words for the person, for IT and for the operator, in three languages."""

import re

import pytest

from idp.authentication.federation.reasons import FederationRefused, Reader, Reason, explain
from idp.config import LOCALES


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("reader", list(Reader))
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_explained(reason: Reason, reader: Reader, locale: str) -> None:
    said = explain(reason, reader, locale)
    assert said.endswith(".")
    assert "%" not in said


@pytest.mark.parametrize("reason", list(Reason))
def test_a_code_is_a_word_that_can_be_searched_for(reason: Reason) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason.value)


def test_a_refusal_keeps_its_pair_short() -> None:
    refused = FederationRefused(Reason.ISSUER_MISMATCH, expected="x" * 900, received="y" * 900)
    assert len(refused.expected) == len(refused.received) == 500
