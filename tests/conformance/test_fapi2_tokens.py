"""More modules of the suite's FAPI 2.0 plans: what a code, a verifier and a proof are good for."""

import time
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from idp.foundation.clock import shifted
from tests.conformance.fapi_party import FapiParty
from tests.dpop import ProofKey
from tests.provider import ISSUER, TestBrowser, query
from tests.relying_party import RelyingParty
from tests.signing_party import open_pushed


def code_of(fapi: FapiParty, browser: TestBrowser, **changes: Any) -> str:
    """The code that a pushed request comes to."""
    return query(fapi.answer_to(browser, **changes).headers["Location"])["code"]


@pytest.mark.parametrize("verifier", ["", "A" * 43])
def test_fapi2_ensure_pkce_code_verifier_required_and_incorrect_one_rejected(
    fapi: FapiParty, browser: TestBrowser, verifier: str
) -> None:
    """RFC 7636 section 4.6."""
    code = code_of(fapi, browser)
    fapi.verifier = verifier
    assert fapi.exchange(code).json()["error"] == "invalid_grant"


def test_fapi2_ensure_token_endpoint_fails_with_expired_auth_code(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    """Security Profile section 5.3.2.1: a minute at most."""
    code = code_of(fapi, browser)
    fapi.exchange("x")  # The nonce is known from here on.
    with shifted(timedelta(seconds=61)):
        now = int(time.time()) + 61
        own = fapi.assert_as(iat=now, exp=now + 60)
        proof = fapi.proving.proof("POST", "/token", iat=now)
        late = fapi.send("/token", own, proof, **fapi.redemption(code))
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


def test_fapi2_attempt_reuse_authorization_code_after_one_second(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    code = code_of(fapi, browser)
    token = fapi.exchange(code).json()["access_token"]
    assert fapi.exchange(code).json()["error"] == "invalid_grant"
    proof = fapi.proving.proof("GET", "/userinfo", token)
    head = {"Authorization": f"DPoP {token}", "DPoP": proof}
    assert fapi.http.get("/userinfo", headers=head).status_code == 401


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_fapi2_access_token_type_header_case_sensitivity(
    fapi: FapiParty, browser: TestBrowser, scheme: str
) -> None:
    """RFC 9110 section 11.1: the scheme's letters may be of any size."""
    token = fapi.exchange(code_of(fapi, browser)).json()["access_token"]
    proof = fapi.proving.proof("GET", "/userinfo", token)
    head = {"Authorization": f"{scheme} {token}", "DPoP": proof}
    assert fapi.http.get("/userinfo", headers=head).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"nonce": None},
        {"nonce": "n" * 64},
        {"nonce": "n" * 384},
        {"state": "s" * 384},
        {"scope": "profile openid"},
    ],
    ids=[
        "without-state",
        "without-nonce",
        "64-char-nonce",
        "long-nonce",
        "long-state",
        "other-scope-order",
    ],
)
def test_fapi2_ensure_authorization_request_of_this_kind_succeeds(
    fapi: FapiParty, browser: TestBrowser, changes: dict[str, Any]
) -> None:
    said = query(fapi.answer_to(browser, **changes).headers["Location"])
    assert said.get("state") == changes.get("state", fapi.state)
    claims = fapi.claims(fapi.exchange(said["code"]).json()["id_token"])
    assert claims.get("nonce") == changes.get("nonce", fapi.nonce)


def test_fapi2_check_dpop_proof_nbf_exp(fapi: FapiParty, browser: TestBrowser) -> None:
    """Claims that RFC 9449 does not know do a proof no harm."""
    code, now = code_of(fapi, browser), int(time.time())
    assert fapi.exchange(code, nbf=now, exp=now + 60).status_code == 200


@pytest.mark.parametrize(("alg", "status"), [("RS256", 400), ("PS256", 201)])
def test_fapi2_ensure_signed_request_object_with_rs256_fails(
    party: RelyingParty, alg: str, status: int
) -> None:
    """Security Profile section 5.4.1, of the objects of Message Signing."""
    key = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
    own = ECKey.generate_key("P-256", {"kid": "own"}, auto_kid=False)
    jwks = {"keys": [each.as_dict(private=False) for each in (key, own)]}
    fapi = FapiParty(party.provider, "fapi2_message_signing", jwks=jwks)
    fapi.key = own
    now = int(time.time())
    said = {"iss": fapi.client_id, "aud": ISSUER, "nbf": now, "exp": now + 300}
    token = fapi.signed({**fapi.parameters(), **said}, key=key, alg=alg, kid="rsa")
    assert fapi.send("/par", request=token).status_code == status


def test_fapi2_state_only_outside_request_object_not_used(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    """RFC 9126 section 4: nothing that comes beside the pushed request counts."""
    name = fapi.push(state=None).json()["request_uri"]
    answer = open_pushed(browser, fapi.client_id, name, state="beside", scope="openid email")
    assert "state" not in query(answer.headers["Location"])


def test_fapi2_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    """A page that is loaded twice before anybody signed in is no second use."""
    name = fapi.push().json()["request_uri"]
    stranger = fapi.provider.browser()
    assert open_pushed(stranger, fapi.client_id, name).url.path == "/login"
    assert open_pushed(stranger, fapi.client_id, name).url.path == "/login"
    assert "code" in query(open_pushed(browser, fapi.client_id, name).headers["Location"])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_fapi2_par_attempt_invalid_http_method(fapi: FapiParty, method: str) -> None:
    assert fapi.http.request(method, "/par").status_code == 405


def test_fapi2_ensure_dpopproof_at_par_endpoint_binding_success_and_mismatch(
    fapi: FapiParty, browser: TestBrowser
) -> None:
    """RFC 9449 section 10.1: the proof at the pushing binds the code to its key."""
    asked = {"request": fapi.request_object()} if fapi.must_sign else fapi.parameters()
    first = fapi.send("/par", proof=fapi.proving.proof("POST", "/par"), **asked)
    fapi.proving.keep_nonce(first)
    codes = []
    for _ in range(2):
        asked = {"request": fapi.request_object()} if fapi.must_sign else fapi.parameters()
        pushed = fapi.send("/par", proof=fapi.proving.proof("POST", "/par"), **asked)
        page = open_pushed(browser, fapi.client_id, pushed.json()["request_uri"])
        codes.append(query(page.headers["Location"])["code"])
    assert fapi.exchange(codes[0], ProofKey()).json()["error"] == "invalid_grant"
    assert fapi.exchange(codes[1]).status_code == 200
