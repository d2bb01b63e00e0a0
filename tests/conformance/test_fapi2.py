"""The modules of the suite's FAPI 2.0 plans: private_key_jwt, DPoP, pushed and signed requests.

FAPI 2.0 Security Profile section 5.3 and Message Signing section 5.3; RFC 9126, RFC 9449.
"""

import time
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import RSAKey

from tests.conformance.fapi_party import FapiParty
from tests.dpop import ProofKey
from tests.provider import ISSUER, TestBrowser, query
from tests.relying_party import RelyingParty
from tests.signing_party import open_pushed


def test_fapi2_happy_flow(fapi: FapiParty, browser: TestBrowser) -> None:
    answer = fapi.answer_to(browser)
    assert answer.status_code == 303  # Never 307: section 5.3.2.2.
    said = query(answer.headers["Location"])
    assert (said["iss"], said["state"]) == (ISSUER, fapi.state)
    tokens = fapi.exchange(said["code"]).json()
    assert tokens["token_type"] == "DPoP"
    head = {"Authorization": f"DPoP {tokens['access_token']}"}
    proof = fapi.proving.proof("GET", "/userinfo", tokens["access_token"])
    assert fapi.http.get("/userinfo", headers=head | {"DPoP": proof}).status_code == 200
    assert fapi.userinfo(tokens["access_token"]).status_code == 401
    assert fapi.http.get(f"/userinfo?access_token={tokens['access_token']}").status_code == 401


def test_fapi2_refresh_token_within_the_grace_survives_a_lost_answer(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    """Section 5.3.2.1, note 1: whoever rotates must let a client try again."""
    code = query(fapi.answer_to(browser).headers["Location"])["code"]
    first = fapi.exchange(code).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": first}
    answers = [
        fapi.send("/token", proof=fapi.proving.proof("POST", "/token"), **form) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["refresh_token"] == answers[1].json()["refresh_token"]


ASSERTIONS: dict[str, tuple[dict[str, Any], bool]] = {
    "client-assertion-aud-is-the-issuer": ({}, True),
    "client-assertion-aud-as-array": ({"aud": [ISSUER]}, False),
    "client-assertion-aud-of-token-endpoint": ({"aud": f"{ISSUER}/token"}, False),
    "client-assertion-aud-of-par-endpoint": ({"aud": f"{ISSUER}/par"}, False),
    "client-assertion-wrong-aud": ({"aud": "https://other.example"}, False),
    "client-assertion-without-exp": ({"exp": None}, False),
    "client-assertion-expired": ({"exp": -300}, False),
    "client-assertion-without-sub": ({"sub": None}, False),
    "client-assertion-without-iss": ({"iss": None}, False),
    "client-assertion-without-jti": ({"jti": None}, False),
    "client-assertion-iat-8-seconds-in-the-future": ({"iat": 8}, True),
    "client-assertion-nbf-8-seconds-in-the-future": ({"nbf": 8}, True),
    "client-assertion-nbf-over-60-seconds-in-the-future": ({"nbf": 75, "exp": 100}, False),
    "client-assertion-iat-over-60-seconds-in-the-future": ({"iat": 75, "exp": 100}, False),
}
"""Module → changes (times count from now), and whether the assertion is taken (5.3.2.1)."""


@pytest.mark.parametrize("module", ASSERTIONS)
def test_fapi2_client_assertion(fapi: FapiParty, module: str) -> None:
    changes, is_taken = ASSERTIONS[module]
    answer = fapi.push(fapi.assert_as(**from_now(changes)))
    assert answer.status_code == (201 if is_taken else 401), answer.text
    if not is_taken:
        assert answer.json()["error"] == "invalid_client"


def test_fapi2_client_assertion_is_taken_once(fapi: FapiParty) -> None:
    assertion = fapi.assert_as()
    assert [fapi.push(assertion).status_code for _ in range(2)] == [201, 401]


def test_fapi2_ensure_signed_client_assertion_with_rs256_fails(party: RelyingParty) -> None:
    """Section 5.4.1: PS256, ES256 or EdDSA alone; the same key by PS256 is taken."""
    key = RSAKey.generate_key(2048, {"kid": "own"}, auto_kid=False)
    jwks = {"keys": [key.as_dict(private=False)]}
    fapi = FapiParty(party.provider, "fapi2_security", jwks=jwks)
    fapi.key = key  # type: ignore[assignment]
    claims = {"iss": fapi.client_id, "sub": fapi.client_id, "aud": ISSUER}
    for alg, status in (("RS256", 401), ("PS256", 201)):
        lives = {"jti": uuid4().hex, "exp": int(time.time()) + 60}
        assert fapi.push(fapi.signed(claims | lives, alg=alg)).status_code == status


PUSHED: dict[str, tuple[dict[str, Any], str]] = {
    "ensure-pkce-code-challenge-required": (
        {"code_challenge": None, "code_challenge_method": None},
        "invalid_request",
    ),
    "plain-pkce-rejected": ({"code_challenge_method": "plain"}, "invalid_request"),
    "par-without-redirect-uri": ({"redirect_uri": None}, "invalid_request"),
    "par-unregistered-redirect-uri": ({"redirect_uri": "https://e.example/"}, "invalid_request"),
    "ensure-response-type-code-id-token-rejected": (
        {"response_type": "code id_token"},
        "unsupported_response_type",
    ),
    "ensure-response-type-token-rejected": (
        {"response_type": "token"},
        "unsupported_response_type",
    ),
}
"""Module → what is wrong with the pushed request, and its error."""


@pytest.mark.parametrize("module", PUSHED)
def test_fapi2_pushed_request(fapi: FapiParty, module: str) -> None:
    changes, error = PUSHED[module]
    answer = fapi.push(**changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_fapi2_par_pushing_a_request_uri_is_refused(fapi: FapiParty) -> None:
    """RFC 9126 section 2.1."""
    uri = "urn:ietf:params:oauth:request_uri:x"
    answer = fapi.send("/par", **fapi.parameters(), request_uri=uri)
    assert answer.status_code == 400


def test_fapi2_authorization_without_par_is_refused(fapi: FapiParty, browser: TestBrowser) -> None:
    said = query(fapi.authorize(browser).headers["Location"])
    assert said["error"] == "invalid_request"
    by_value = fapi.by_object(browser, fapi.request_object(), redirect_uri=fapi.redirect_uri)
    assert by_value.status_code == 400 or "error=" in by_value.headers["Location"]


def test_fapi2_par_attempt_reuse_request_uri(fapi: FapiParty, browser: TestBrowser) -> None:
    """RFC 9126 section 7.3, RFC 9101 section 10.8."""
    uri = fapi.push().json()["request_uri"]
    assert "code=" in open_pushed(browser, fapi.client_id, uri).headers["Location"]
    again = open_pushed(browser, fapi.client_id, uri)
    assert again.status_code == 400 or "code=" not in again.headers["Location"]


def test_fapi2_par_attempt_to_use_request_uri_for_different_client(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    other = FapiParty(fapi.provider, "fapi2_security")
    page = open_pushed(browser, other.client_id, fapi.push().json()["request_uri"])
    assert page.status_code == 400


def test_fapi2_par_request_uri_lives_under_ten_minutes(fapi: FapiParty) -> None:
    """Section 5.3.2.2."""
    assert 5 < fapi.push().json()["expires_in"] < 600


def test_fapi2_message_signing_ensures_signed_requests(party: RelyingParty) -> None:
    """Message Signing section 5.3.1: unsigned is refused, by parameters and by ``none``."""
    fapi = FapiParty(party.provider, "fapi2_message_signing")
    assert fapi.send("/par", **fapi.parameters()).status_code == 400
    unsigned = "eyJhbGciOiJub25lIn0." + fapi.request_object().split(".")[1] + "."
    assert fapi.send("/par", request=unsigned).json()["error"] == "invalid_request_object"


OBJECTS: dict[str, tuple[dict[str, Any], bool]] = {
    "request-object-nbf-8-seconds-in-the-future": ({"nbf": 8}, True),
    "request-object-nbf-over-60-seconds-in-the-future": ({"nbf": 75}, False),
    "request-object-over-60-minutes-in-the-past": ({"nbf": -3700}, False),
    "request-object-with-exp-over-60": ({"exp": 4200}, False),
    "request-object-without-exp": ({"exp": None}, False),
    "request-object-without-nbf": ({"nbf": None}, False),
    "request-object-expired": ({"exp": -300}, False),
    "request-object-with-aud-array": ({"aud": [ISSUER]}, True),
    "request-object-with-bad-aud": ({"aud": "https://other.example"}, False),
    "request-object-with-bad-iss": ({"iss": "other"}, False),
}
"""Module → changes, and whether the object is taken (Message Signing section 5.3.1)."""


@pytest.mark.parametrize("module", OBJECTS)
def test_fapi2_signed_request_object(party: RelyingParty, module: str) -> None:
    fapi = FapiParty(party.provider, "fapi2_message_signing")
    changes, is_taken = OBJECTS[module]
    answer = fapi.push(**from_now(changes))
    assert answer.status_code == (201 if is_taken else 400), answer.text
    if not is_taken:
        assert answer.json()["error"] == "invalid_request_object"


def test_fapi2_ensure_holder_of_key_required(fapi: FapiParty, browser: TestBrowser) -> None:
    """Without a proof nothing is issued, and the code is not lost by it (RFC 9449 section 5)."""
    code = query(fapi.answer_to(browser).headers["Location"])["code"]
    answer = fapi.send("/token", **fapi.redemption(code))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert fapi.exchange(code).status_code == 200


def test_fapi2_ensure_mismatched_dpop_jkt_fails(fapi: FapiParty, browser: TestBrowser) -> None:
    """RFC 9449 section 10: the code is bound to the key that the request named."""
    code = query(fapi.answer_to(browser, dpop_jkt=fapi.proving.jkt).headers["Location"])["code"]
    assert fapi.exchange(code, ProofKey()).status_code == 400


@pytest.mark.parametrize(("iat", "status"), [(10, 200), (-10, 200), (75, 400), (-600, 400)])
def test_fapi2_dpop_proof_iat(fapi: FapiParty, browser: TestBrowser, iat: int, status: int) -> None:
    code = query(fapi.answer_to(browser).headers["Location"])["code"]
    assert fapi.exchange(code, iat=int(time.time()) + iat).status_code == status


def test_fapi2_ensure_authorization_code_is_bound_to_client(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    other = FapiParty(fapi.provider, "fapi2_security")
    other.verifier = fapi.verifier
    code = query(fapi.answer_to(browser).headers["Location"])["code"]
    assert other.exchange(code).json()["error"] == "invalid_grant"


def test_fapi2_authorization_responses_are_signed_where_asked(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    """Message Signing section 5.4, JARM section 2: the answer is one JWT, from us to the client."""
    said = query(fapi.answer_to(browser, response_mode="jwt").headers["Location"])
    claims = fapi.claims(said["response"])
    assert (claims["aud"], claims["state"]) == (fapi.client_id, fapi.state)
    assert fapi.exchange(claims["code"]).status_code == 200


def from_now(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with their times counted from now."""
    now = int(time.time())
    return {
        name: now + value if isinstance(value, int) else value for name, value in changes.items()
    }
