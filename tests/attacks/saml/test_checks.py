"""A good signature is the beginning: every other thing an answer says must hold too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.authentication.federation.saml.refusal import SamlReason, SamlRefused
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

CASES: list[tuple[str, dict[str, Any], SamlReason]] = [
    ("response of another issuer", {"issuer": OTHER}, SamlReason.ISSUER),
    ("response of no issuer", {"issuer": None}, SamlReason.ISSUER),
    ("assertion of another issuer", {"assertion_issuer": OTHER}, SamlReason.ISSUER),
    ("assertion of no issuer", {"assertion_issuer": None}, SamlReason.ISSUER),
    ("issuer with more behind", {"issuer": f"{IDP}/x"}, SamlReason.ISSUER),
    ("issuer in other letters", {"issuer": IDP.upper()}, SamlReason.ISSUER),
    ("another version", {"version": "1.1"}, SamlReason.VERSION),
    ("another destination", {"destination": OTHER}, SamlReason.DESTINATION),
    ("no destination", {"destination": None}, SamlReason.DESTINATION),
    ("empty destination", {"destination": ""}, SamlReason.DESTINATION),
    ("destination with more behind", {"destination": f"{ACS}.evil"}, SamlReason.DESTINATION),
    ("destination with a query", {"destination": f"{ACS}?x=1"}, SamlReason.DESTINATION),
    ("destination cut short", {"destination": ACS[:-1]}, SamlReason.DESTINATION),
    ("another recipient", {"recipient": OTHER}, SamlReason.RECIPIENT),
    ("no recipient", {"recipient": None}, SamlReason.RECIPIENT),
    ("recipient with more behind", {"recipient": f"{ACS}/"}, SamlReason.RECIPIENT),
    ("another audience", {"audiences": (OTHER,)}, SamlReason.AUDIENCE),
    ("no audience", {"audiences": ()}, SamlReason.AUDIENCE),
    ("audience with more behind", {"audiences": (f"{SP}/",)}, SamlReason.AUDIENCE),
    (
        "a second restriction that leaves us out",
        {
            "more_conditions": "<saml:AudienceRestriction><saml:Audience>x</saml:Audience>"
            "</saml:AudienceRestriction>"
        },
        SamlReason.AUDIENCE,
    ),
    ("an answer to another request", {"in_response_to": "_other"}, SamlReason.IN_RESPONSE_TO),
    ("an answer to no request", {"in_response_to": None}, SamlReason.UNSOLICITED),
    (
        "a confirmation for another request",
        {"confirmed_in_response_to": "_other"},
        SamlReason.IN_RESPONSE_TO,
    ),
    (
        "a confirmation for no request",
        {"confirmed_in_response_to": None},
        SamlReason.IN_RESPONSE_TO,
    ),
    ("not valid yet", {"not_before": stamp(NOW + SKEW + MOMENT)}, SamlReason.TOO_EARLY),
    ("no beginning", {"not_before": None}, SamlReason.UNEXPECTED_SHAPE),
    ("no more valid", {"not_on_or_after": stamp(NOW - SKEW)}, SamlReason.TOO_LATE),
    ("no end", {"not_on_or_after": None}, SamlReason.TOO_LATE),
    ("confirmed no more", {"confirmed_until": stamp(NOW - SKEW)}, SamlReason.TOO_LATE),
    ("confirmed without end", {"confirmed_until": None}, SamlReason.TOO_LATE),
    ("a time in words", {"not_before": "yesterday"}, SamlReason.UNEXPECTED_SHAPE),
    ("a time without zone", {"not_before": "2026-03-14T11:00:00"}, SamlReason.UNEXPECTED_SHAPE),
    ("a day that is none", {"not_before": "2026-02-30T11:00:00Z"}, SamlReason.UNEXPECTED_SHAPE),
    (
        "no bearer",
        {"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"},
        SamlReason.CONFIRMATION,
    ),
    ("an unknown condition", {"more_conditions": UNKNOWN_CONDITION}, SamlReason.CONDITION),
    ("no sign-in", {"statement": ""}, SamlReason.NO_AUTHENTICATION),
    ("two sign-ins", {"statement": TWO_STATEMENTS}, SamlReason.NO_AUTHENTICATION),
    ("a sign-in to come", {"authn_instant": stamp(NOW + SKEW + MOMENT)}, SamlReason.TOO_EARLY),
    ("a session that is over", {"session_until": stamp(NOW - SKEW)}, SamlReason.SESSION_OVER),
    ("an encrypted name", {"name_id": ENCRYPTED_ID}, SamlReason.SUBJECT),
    (
        "two names",
        {"name_id": "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>"},
        SamlReason.UNEXPECTED_SHAPE,
    ),
    ("a refusal", {"status": f'<samlp:StatusCode Value="{STATUS}Responder"/>'}, SamlReason.STATUS),
    ("no status", {"status": ""}, SamlReason.UNEXPECTED_SHAPE),
    ("a status without value", {"status": "<samlp:StatusCode/>"}, SamlReason.UNEXPECTED_SHAPE),
    (
        "success inside a refusal",
        {
            "status": f'<samlp:StatusCode Value="{STATUS}Requester">'
            f'<samlp:StatusCode Value="{STATUS}Success"/></samlp:StatusCode>'
        },
        SamlReason.STATUS,
    ),
]


@pytest.mark.parametrize(
    ("changes", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_does_not_hold_is_refused(changes: dict[str, Any], reason: SamlReason) -> None:
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
    with pytest.raises(SamlRefused) as refused:
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
    with pytest.raises(SamlRefused) as refused:
        read(raw(replace(GOOD, status=status).element()))
    assert refused.value.received == f"{STATUS}Responder {STATUS}NoAuthnContext AADSTS75011"


def test_an_old_sign_in_is_no_fresh_one() -> None:
    old = replace(GOOD, authn_instant=stamp(NOW - timedelta(minutes=10)))
    answer = raw(signed_assertion(old))
    assert read(answer).authn_instant == NOW - timedelta(minutes=10)
    since = NOW - timedelta(minutes=1)
    assert refusal(answer, authenticated_since=since) is SamlReason.NOT_FRESH


def test_unasked_answers_are_taken_only_where_nothing_was_asked() -> None:
    unasked = replace(GOOD, in_response_to=None, confirmed_in_response_to=None)
    answer = raw(signed_assertion(unasked))
    assert refusal(answer) is SamlReason.UNSOLICITED
    assert read(answer, in_response_to=None).id == GOOD.assertion_id
    assert refusal(raw(signed_assertion(GOOD)), in_response_to=None) is SamlReason.IN_RESPONSE_TO


def test_one_good_confirmation_among_others_is_enough() -> None:
    name = (
        f'<saml:NameID Format="{PERSISTENT}">8f2c1e</saml:NameID>'
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/>'
    )
    assert read(raw(signed_assertion(replace(GOOD, name_id=name)))).id == GOOD.assertion_id


def test_the_id_is_remembered_for_as_long_as_the_answer_would_count() -> None:
    answer = raw(signed_assertion(GOOD))
    until = read(answer).until
    assert refusal(answer, now=until) is SamlReason.TOO_LATE
    assert read(answer, now=until - MOMENT).until == until


def test_an_answer_of_another_kind_is_refused() -> None:
    root = sign(GOOD.element())
    root.tag = f"{{{NS['samlp']}}}ArtifactResponse"
    assert refusal(raw(root)) is SamlReason.UNEXPECTED_SHAPE
