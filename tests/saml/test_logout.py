"""Single logout, both ways (saml-profiles 4.4)."""

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from idp.authentication.federation.reasons import FederationRefused, Reason
from idp.authentication.federation.saml import logout, messages, names
from idp.authentication.federation.saml.assertion import NameId
from idp.authentication.federation.saml.logout import LogoutExpected, LogoutRequest
from tests.saml.answers import IDP, stamp
from tests.saml.keys import NOW, pair
from tests.saml.ours import SLO
from tests.saml.signing import NS, raw, sign

NAME = NameId(
    value="8f2c1e", format=names.PERSISTENT, name_qualifier=IDP, sp_name_qualifier="https://sp"
)
TRUSTED = (pair("idp").certificate,)
EXPECTED = LogoutExpected(issuer=IDP, slo=SLO, now=NOW)


def request(**changes: Any) -> etree._Element:
    how: dict[str, Any] = {
        "issuer": IDP,
        "destination": SLO,
        "now": NOW,
        "name_id": NAME,
        "session_index": "_session-1",
    }
    return messages.logout_request(**how | changes)


def response(status: str = names.SUCCESS, **changes: Any) -> etree._Element:
    how: dict[str, Any] = {
        "issuer": IDP,
        "destination": SLO,
        "now": NOW,
        "in_response_to": "_out-1",
        "status": status,
    }
    return messages.logout_response(**how | changes)


def read(element: etree._Element) -> LogoutRequest:
    signed = logout.signed_message(raw(sign(element)), TRUSTED)
    return logout.read_request(signed, EXPECTED)


def refusal(element: etree._Element) -> Reason:
    with pytest.raises(FederationRefused) as refused:
        read(element)
    return refused.value.reason


def test_a_request_names_whose_sessions_end() -> None:
    asked = read(request())
    assert asked.name_id == NAME
    assert asked.session_indexes == ("_session-1",)
    assert read(request(session_index=None)).session_indexes == ()


def test_a_bare_name_is_said_back_bare() -> None:
    bare = NameId(value="aino")
    assert read(request(name_id=bare)).name_id == bare


def test_a_request_nobody_signed_is_refused() -> None:
    with pytest.raises(FederationRefused) as refused:
        logout.signed_message(raw(request()), TRUSTED)
    assert refused.value.reason is Reason.SAML_NOT_SIGNED


def test_a_request_a_stranger_signed_is_refused() -> None:
    with pytest.raises(FederationRefused) as refused:
        logout.signed_message(raw(sign(request(), key=pair("x").private)), TRUSTED)
    assert refused.value.reason is Reason.SIGNATURE_INVALID


def test_a_wrapped_request_is_refused() -> None:
    true = sign(request())
    forged = request(name_id=NameId(value="victim"))
    etree.SubElement(forged, f"{{{NS['samlp']}}}Extensions").append(true)
    with pytest.raises(FederationRefused) as refused:
        logout.signed_message(raw(forged), TRUSTED)
    assert refused.value.reason is Reason.SAML_SHAPE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": "https://evil.example"}, Reason.ISSUER_MISMATCH),
        ({"destination": f"{SLO}/"}, Reason.SAML_DESTINATION),
        ({"now": NOW - timedelta(minutes=8)}, Reason.EXPIRED),
        ({"now": NOW + timedelta(minutes=3)}, Reason.NOT_YET_VALID),
    ],
)
def test_a_request_that_does_not_hold_is_refused(changes: dict[str, Any], reason: Reason) -> None:
    assert refusal(request(**changes)) is reason


def test_a_requests_own_end_counts() -> None:
    late = request()
    late.set("NotOnOrAfter", stamp(NOW - timedelta(seconds=120)))
    assert refusal(late) is Reason.EXPIRED
    early = request(now=NOW - timedelta(hours=1))
    early.set("NotOnOrAfter", stamp(NOW + timedelta(minutes=1)))
    assert read(early).name_id == NAME


def test_a_request_has_limits() -> None:
    many = request()
    for number in range(20):
        etree.SubElement(many, f"{{{NS['samlp']}}}SessionIndex").text = str(number)
    assert refusal(many) is Reason.SAML_TOO_LARGE
    hidden = request()
    named = hidden.find("saml:NameID", NS)
    assert named is not None
    named.tag = f"{{{NS['saml']}}}EncryptedID"
    assert refusal(hidden) is Reason.SUBJECT_MISSING
    assert refusal(response()) is Reason.SAML_SHAPE


def test_an_answer_says_whether_everything_ended() -> None:
    assert logout.read_response(response(), EXPECTED, "_out-1")
    assert not logout.read_response(response(names.RESPONDER), EXPECTED, "_out-1")


def test_a_logout_in_part_is_none() -> None:
    partly = response()
    code = partly.find("samlp:Status/samlp:StatusCode", NS)
    assert code is not None
    etree.SubElement(code, code.tag, {"Value": names.PARTIAL_LOGOUT})
    assert not logout.read_response(partly, EXPECTED, "_out-1")


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (response(in_response_to="_other"), Reason.SAML_IN_RESPONSE_TO),
        (response(issuer="https://evil.example"), Reason.ISSUER_MISMATCH),
        (response(destination="https://evil.example"), Reason.SAML_DESTINATION),
        (request(), Reason.SAML_SHAPE),
    ],
)
def test_what_is_no_answer_to_ours_is_refused(element: etree._Element, reason: Reason) -> None:
    with pytest.raises(FederationRefused) as refused:
        logout.read_response(element, EXPECTED, "_out-1")
    assert refused.value.reason is reason


def test_an_answer_without_status_is_refused() -> None:
    empty = response()
    for status in empty.findall("samlp:Status", NS):
        empty.remove(status)
    with pytest.raises(FederationRefused) as refused:
        logout.read_response(empty, EXPECTED, "_out-1")
    assert refused.value.reason is Reason.SAML_SHAPE
