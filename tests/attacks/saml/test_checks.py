"""A good signature is the beginning: every other thing an answer says must hold too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.authentication.federation.reasons import FederationRefused, Reason
from tests.attacks.saml.refusing import read, refusal
from tests.saml.answers import ACS, GOOD, IDP, PERSISTENT, SP, stamp
from tests.saml.keys import NOW
from tests.saml.signing import NS, raw, sign, signed_assertion

SKEW = timedelta(seconds=120)
MOMENT = timedelta(milliseconds=1)
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
OTHER = "https://evil.example"
TWO_STATEMENTS = '<saml:AuthnStatement AuthnInstant="2026-03-14T11:59:00Z"/>' * 2
ENCRYPTED_ID = "<saml:EncryptedID/>"
UNKNOWN_CONDITION = "<x:Moon xmlns:x='urn:x' phase='full'/>"

CASES: list[tuple[str, dict[str, Any], Reason]] = [
    ("response of another issuer", {"issuer": OTHER}, Reason.ISSUER_MISMATCH),
    ("response of no issuer", {"issuer": None}, Reason.ISSUER_MISMATCH),
    ("assertion of another issuer", {"assertion_issuer": OTHER}, Reason.ISSUER_MISMATCH),
    ("assertion of no issuer", {"assertion_issuer": None}, Reason.ISSUER_MISMATCH),
    ("issuer with more behind", {"issuer": f"{IDP}/x"}, Reason.ISSUER_MISMATCH),
    ("issuer in other letters", {"issuer": IDP.upper()}, Reason.ISSUER_MISMATCH),
    ("another version", {"version": "1.1"}, Reason.SAML_VERSION),
    ("another destination", {"destination": OTHER}, Reason.SAML_DESTINATION),
    ("no destination", {"destination": None}, Reason.SAML_DESTINATION),
    ("empty destination", {"destination": ""}, Reason.SAML_DESTINATION),
    ("destination with more behind", {"destination": f"{ACS}.evil"}, Reason.SAML_DESTINATION),
    ("destination with a query", {"destination": f"{ACS}?x=1"}, Reason.SAML_DESTINATION),
    ("destination cut short", {"destination": ACS[:-1]}, Reason.SAML_DESTINATION),
    ("another recipient", {"recipient": OTHER}, Reason.SAML_RECIPIENT),
    ("no recipient", {"recipient": None}, Reason.SAML_RECIPIENT),
    ("recipient with more behind", {"recipient": f"{ACS}/"}, Reason.SAML_RECIPIENT),
    ("another audience", {"audiences": (OTHER,)}, Reason.AUDIENCE_MISMATCH),
    ("no audience", {"audiences": ()}, Reason.AUDIENCE_MISMATCH),
    ("audience with more behind", {"audiences": (f"{SP}/",)}, Reason.AUDIENCE_MISMATCH),
    (
        "a second restriction that leaves us out",
        {
            "more_conditions": "<saml:AudienceRestriction><saml:Audience>x</saml:Audience>"
            "</saml:AudienceRestriction>"
        },
        Reason.AUDIENCE_MISMATCH,
    ),
    ("an answer to another request", {"in_response_to": "_other"}, Reason.SAML_IN_RESPONSE_TO),
    ("an answer to no request", {"in_response_to": None}, Reason.SAML_UNSOLICITED),
    (
        "a confirmation for another request",
        {"confirmed_in_response_to": "_other"},
        Reason.SAML_IN_RESPONSE_TO,
    ),
    (
        "a confirmation for no request",
        {"confirmed_in_response_to": None},
        Reason.SAML_IN_RESPONSE_TO,
    ),
    ("not valid yet", {"not_before": stamp(NOW + SKEW + MOMENT)}, Reason.NOT_YET_VALID),
    ("no beginning", {"not_before": None}, Reason.SAML_SHAPE),
    ("no more valid", {"not_on_or_after": stamp(NOW - SKEW)}, Reason.EXPIRED),
    ("no end", {"not_on_or_after": None}, Reason.EXPIRED),
    ("confirmed no more", {"confirmed_until": stamp(NOW - SKEW)}, Reason.EXPIRED),
    ("confirmed without end", {"confirmed_until": None}, Reason.EXPIRED),
    ("a time in words", {"not_before": "yesterday"}, Reason.SAML_SHAPE),
    ("a time without zone", {"not_before": "2026-03-14T11:00:00"}, Reason.SAML_SHAPE),
    ("a day that is none", {"not_before": "2026-02-30T11:00:00Z"}, Reason.SAML_SHAPE),
    (
        "no bearer",
        {"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"},
        Reason.SAML_CONFIRMATION,
    ),
    ("an unknown condition", {"more_conditions": UNKNOWN_CONDITION}, Reason.SAML_CONDITION),
    ("no sign-in", {"statement": ""}, Reason.SAML_NO_AUTHENTICATION),
    ("two sign-ins", {"statement": TWO_STATEMENTS}, Reason.SAML_NO_AUTHENTICATION),
    ("a sign-in to come", {"authn_instant": stamp(NOW + SKEW + MOMENT)}, Reason.NOT_YET_VALID),
    ("a session that is over", {"session_until": stamp(NOW - SKEW)}, Reason.SAML_SESSION_OVER),
    ("an encrypted name", {"name_id": ENCRYPTED_ID}, Reason.SUBJECT_MISSING),
    (
        "two names",
        {"name_id": "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>"},
        Reason.SAML_SHAPE,
    ),
    ("a refusal", {"status": f'<samlp:StatusCode Value="{STATUS}Responder"/>'}, Reason.SAML_STATUS),
    ("no status", {"status": ""}, Reason.SAML_SHAPE),
    ("a status without value", {"status": "<samlp:StatusCode/>"}, Reason.SAML_SHAPE),
    (
        "success inside a refusal",
        {
            "status": f'<samlp:StatusCode Value="{STATUS}Requester">'
            f'<samlp:StatusCode Value="{STATUS}Success"/></samlp:StatusCode>'
        },
        Reason.SAML_STATUS,
    ),
]


@pytest.mark.parametrize(
    ("changes", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_does_not_hold_is_refused(changes: dict[str, Any], reason: Reason) -> None:
    answer = replace(GOOD, **changes)
    assert refusal(raw(sign(answer.element()))) is reason
    assert refusal(raw(signed_assertion(answer))) is reason


@pytest.mark.parametrize(
    "changes",
    [
        {"not_before": stamp(NOW + SKEW)},
        {"not_on_or_after": stamp(NOW - SKEW + MOMENT)},
        {"confirmed_until": stamp(NOW - SKEW + MOMENT)},
        {"authn_instant": stamp(NOW + SKEW)},
        {"session_until": stamp(NOW - SKEW + MOMENT)},
        {"not_before": "2026-03-14T11:55:00.1234567Z"},
        {"audiences": (OTHER, SP)},
        {"more_conditions": "<saml:OneTimeUse/><saml:ProxyRestriction Count='0'/>"},
        {"name_id": None},
    ],
)
def test_what_just_holds_is_taken(changes: dict[str, Any]) -> None:
    assert read(raw(signed_assertion(replace(GOOD, **changes)))).id == GOOD.assertion_id


def test_a_refusal_tells_both_sides_and_how_far_the_clocks_are_apart() -> None:
    late = replace(GOOD, not_before=stamp(NOW + timedelta(seconds=194)))
    with pytest.raises(FederationRefused) as refused:
        read(raw(signed_assertion(late)))
    assert refused.value.expected == ">= 2026-03-14T12:03:14.000Z"
    assert refused.value.received == "2026-03-14T12:00:00Z (194 s)"


def test_their_clock_is_measured() -> None:
    ahead = replace(GOOD, issued=stamp(NOW + timedelta(seconds=74)))
    assert read(raw(signed_assertion(ahead))).clock_offset == timedelta(seconds=74)


def test_a_refusal_of_theirs_is_told_with_its_codes() -> None:
    status = (
        f'<samlp:StatusCode Value="{STATUS}Responder">'
        f'<samlp:StatusCode Value="{STATUS}NoAuthnContext"/></samlp:StatusCode>'
        "<samlp:StatusMessage>AADSTS75011</samlp:StatusMessage>"
    )
    with pytest.raises(FederationRefused) as refused:
        read(raw(replace(GOOD, status=status).element()))
    assert refused.value.received == f"{STATUS}Responder {STATUS}NoAuthnContext AADSTS75011"


def test_an_old_sign_in_is_no_fresh_one() -> None:
    old = replace(GOOD, authn_instant=stamp(NOW - timedelta(minutes=10)))
    answer = raw(signed_assertion(old))
    assert read(answer).authn_instant == NOW - timedelta(minutes=10)
    since = NOW - timedelta(minutes=1)
    assert refusal(answer, authenticated_since=since) is Reason.SIGN_IN_TOO_OLD


def test_unasked_answers_are_taken_only_where_nothing_was_asked() -> None:
    unasked = replace(GOOD, in_response_to=None, confirmed_in_response_to=None)
    answer = raw(signed_assertion(unasked))
    assert refusal(answer) is Reason.SAML_UNSOLICITED
    assert read(answer, in_response_to=None).id == GOOD.assertion_id
    assert refusal(raw(signed_assertion(GOOD)), in_response_to=None) is Reason.SAML_IN_RESPONSE_TO


def test_one_good_confirmation_among_others_is_enough() -> None:
    name = (
        f'<saml:NameID Format="{PERSISTENT}">8f2c1e</saml:NameID>'
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/>'
    )
    assert read(raw(signed_assertion(replace(GOOD, name_id=name)))).id == GOOD.assertion_id


def test_the_id_is_remembered_for_as_long_as_the_answer_would_count() -> None:
    answer = raw(signed_assertion(GOOD))
    until = read(answer).until
    assert refusal(answer, now=until) is Reason.EXPIRED
    assert read(answer, now=until - MOMENT).until == until


def test_an_answer_of_another_kind_is_refused() -> None:
    root = sign(GOOD.element())
    root.tag = f"{{{NS['samlp']}}}ArtifactResponse"
    assert refusal(raw(root)) is Reason.SAML_SHAPE
