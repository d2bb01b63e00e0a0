"""Tokens bound to a key: of no use to whoever does not hold it (RFC 9449)."""

import time
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.dpop import ProofKey, ProvingParty, base64url_sha256
from tests.provider import ISSUER, Provider
from tests.relying_party import RelyingParty

ALGORITHMS: dict[str, Key] = {
    "ES256": ECKey.generate_key("P-256"),
    "ES384": ECKey.generate_key("P-384"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
    "RS256": RSAKey.generate_key(2048),
    "PS256": RSAKey.generate_key(2048),
}


@pytest.fixture
def proving(party: RelyingParty) -> ProvingParty:
    """The portal, proving; it has its first nonce already."""
    proving = ProvingParty(party)
    proving.post("/token", grant_type="refresh_token", refresh_token="none")
    assert proving.key.nonce
    return proving


@pytest.fixture
def public(provider: Provider) -> ProvingParty:
    """A public client, proving."""
    provider.organization()
    proving = ProvingParty(RelyingParty(provider, token_endpoint_auth_method="none"))
    proving.post("/token", grant_type="refresh_token", refresh_token="none")
    return proving


def tokens(proving: ProvingParty, **changes: str) -> dict[str, Any]:
    """The token response of somebody who signed in at the proving party."""
    provider = proving.party.provider
    code = proving.party.code(provider.browser(), provider.person(), **changes)
    response = proving.redeem(code)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_proof_binds_the_access_token_to_its_key(party: RelyingParty, alg: str) -> None:
    proving = ProvingParty(party, ProofKey(ALGORITHMS[alg], alg))
    answer = tokens(proving)
    assert answer["token_type"] == "DPoP"
    told = party.post("/introspect", token=answer["access_token"]).json()
    assert told["token_type"] == "DPoP"
    assert told["cnf"] == {"jkt": proving.key.jkt}
    assert proving.userinfo(answer["access_token"]).json()["sub"]


def test_a_first_proof_is_told_the_nonce_that_it_needs_and_burns_no_code(
    party: RelyingParty,
) -> None:
    """RFC 9449 section 8."""
    key = ProofKey()
    code = party.code(party.provider.browser(), party.provider.person())
    form = party.redemption(code)
    refused = party.post_with({"DPoP": key.proof("POST", "/token")}, "/token", **form)
    assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
    key.keep_nonce(refused)
    response = party.post_with({"DPoP": key.proof("POST", "/token")}, "/token", **form)
    assert response.status_code == 200
    assert response.headers["DPoP-Nonce"]


def test_a_stolen_bound_token_opens_nothing(proving: ProvingParty) -> None:
    """Section 7: neither as a bearer token, nor with another key, nor with somebody's old proof."""
    token = tokens(proving)["access_token"]
    thief = ProvingParty(proving.party, ProofKey())
    thief.key.nonce = proving.key.nonce
    plain = proving.party.userinfo(token)
    assert plain.status_code == 401
    assert plain.headers["WWW-Authenticate"].startswith("DPoP ")
    assert 'algs="ES256' in plain.headers["WWW-Authenticate"]
    assert proving.userinfo(token, scheme="Bearer").status_code == 401
    assert thief.userinfo(token).status_code == 401
    proof = proving.key.proof("GET", "/userinfo", token)
    assert proving.userinfo(token, proof).status_code == 200
    assert thief.userinfo(token, proof).status_code == 401


def test_a_proof_does_not_make_a_bearer_token_bound(proving: ProvingParty) -> None:
    token = proving.party.tokens(proving.party.provider.browser(), proving.party.provider.person())[
        "access_token"
    ]
    assert proving.userinfo(token).status_code == 401


def test_userinfo_asks_for_a_nonce_with_the_dpop_scheme(proving: ProvingParty) -> None:
    """Section 9."""
    token = tokens(proving)["access_token"]
    proving.key.nonce = None
    refused = proving.userinfo(token)
    assert refused.status_code == 401
    assert 'error="use_dpop_nonce"' in refused.headers["WWW-Authenticate"]
    assert proving.userinfo(token).status_code == 200


def test_one_request_without_a_token_learns_both_schemes(provider: Provider) -> None:
    challenges = provider.browser().get("/userinfo").headers.get_list("WWW-Authenticate")
    assert [challenge.partition(" ")[0] for challenge in challenges] == ["Bearer", "DPoP"]


@pytest.mark.parametrize(
    "changes",
    [
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"jti": 7},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"htm": None},
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": None},
        {"htu": f"{ISSUER}/userinfo"},
        {"htu": "https://evil.example/token"},
        {"htu": "http://id.example.fi/token"},
        {"htu": f"{ISSUER}:8443/token"},
        {"htu": 7},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"jwk": None}},
        {"header": {"jwk": "key"}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
        {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=True)}},
        {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=False)}},
        {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}},
        {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": []}}},
    ],
)
def test_a_proof_that_does_not_hold_is_refused(
    proving: ProvingParty, changes: dict[str, Any]
) -> None:
    """Section 4.3, each check by itself."""
    proof = proving.key.proof("POST", "/token", **changes)
    response = proving.post("/token", proof, grant_type="refresh_token", refresh_token="none")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("proof", ["", "x", "a.b.c", "e30.e30.e30", "W10.e30.AA", "x" * 9000])
def test_no_proof_at_all_is_refused_politely(proving: ProvingParty, proof: str) -> None:
    response = proving.party.post_with(
        {"DPoP": proof}, "/token", grant_type="refresh_token", refresh_token="none"
    )
    assert response.status_code == 400
    assert response.json()["error"] in ("invalid_dpop_proof", "invalid_grant")


@pytest.mark.parametrize("nonce", ["", "1.x", "x", "9" * 13, "²5.x"])
def test_a_nonce_that_is_not_ours_is_replaced(proving: ProvingParty, nonce: str) -> None:
    proof = proving.key.proof("POST", "/token", nonce=nonce)
    response = proving.party.post_with(
        {"DPoP": proof}, "/token", grant_type="refresh_token", refresh_token="none"
    )
    assert response.json()["error"] == "use_dpop_nonce"


@pytest.mark.parametrize(
    "htu",
    [
        f"{ISSUER}/token?x=y#z",
        "HTTPS://ID.example.FI/token",
        "https://id.example.fi:443/token",
        f"{ISSUER}/%74oken",
    ],
)
def test_the_address_is_compared_normalized(proving: ProvingParty, htu: str) -> None:
    """Section 4.3: query and fragment ignored, RFC 3986 sections 6.2.2 and 6.2.3 applied."""
    proof = proving.key.proof("POST", "/token", htu=htu)
    response = proving.post("/token", proof, grant_type="refresh_token", refresh_token="none")
    assert response.json()["error"] == "invalid_grant"


def test_a_proof_counts_once_on_all_nodes(proving: ProvingParty) -> None:
    """Section 11.1; and the nonce of one node counts on the other."""
    proof = proving.key.proof("POST", "/token")
    form = {"grant_type": "refresh_token", "refresh_token": "none"}
    assert proving.post("/token", proof, **form).json()["error"] == "invalid_grant"
    with proving.party.provider.node() as node:
        proving.party.http = node.browser()
        assert proving.post("/token", proof, **form).json()["error"] == "invalid_dpop_proof"
        fresh = proving.key.proof("POST", "/token")
        assert proving.post("/token", fresh, **form).json()["error"] == "invalid_grant"


def test_a_public_clients_refresh_token_is_bound_to_its_key(public: ProvingParty) -> None:
    """Section 5; and a thief without the key cannot even end the family."""
    answer = tokens(public)
    stolen = answer["refresh_token"]
    thief = ProvingParty(public.party, ProofKey())
    assert thief.refresh(stolen).json()["error"] == "invalid_grant"
    assert public.party.refresh(stolen).json()["error"] == "invalid_grant"
    renewed = public.refresh(stolen)
    assert renewed.json()["token_type"] == "DPoP"
    assert thief.refresh(stolen).json()["error"] == "invalid_grant"
    assert public.refresh(renewed.json()["refresh_token"]).status_code == 200


def test_a_public_client_that_begins_to_prove_is_bound_from_then_on(public: ProvingParty) -> None:
    party = public.party
    plain = party.tokens(party.provider.browser(), party.provider.person())
    bound = public.refresh(plain["refresh_token"]).json()
    assert bound["token_type"] == "DPoP"
    assert party.refresh(bound["refresh_token"]).json()["error"] == "invalid_grant"
    assert public.refresh(bound["refresh_token"]).status_code == 200


def test_a_client_registered_to_prove_gets_nothing_without_a_proof(party: RelyingParty) -> None:
    """Section 5.2; and its code is not burnt."""
    proving = ProvingParty(RelyingParty(party.provider, dpop_bound_access_tokens=True))
    code = proving.party.code(party.provider.browser(), party.provider.person())
    refused = proving.party.redeem(code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")
    assert proving.redeem(code).json()["token_type"] == "DPoP"


def test_a_confidential_client_may_change_its_key(proving: ProvingParty) -> None:
    """Section 5: its refresh tokens are bound to its credentials already."""
    answer = tokens(proving)
    proving.key = ProofKey()
    renewed = proving.refresh(answer["refresh_token"]).json()
    assert proving.userinfo(renewed["access_token"]).status_code == 200


def test_a_code_bound_to_a_key_is_redeemed_with_that_key_alone(proving: ProvingParty) -> None:
    """Section 10: ``dpop_jkt`` in the authorization request."""
    provider = proving.party.provider
    code = proving.party.code(provider.browser(), provider.person(), dpop_jkt=proving.key.jkt)
    thief = ProvingParty(proving.party, ProofKey())
    assert thief.redeem(code).json()["error"] == "invalid_grant"
    assert proving.party.redeem(code).json()["error"] == "invalid_grant"
    assert proving.redeem(code).status_code == 200


def test_ath_must_be_the_presented_tokens(proving: ProvingParty) -> None:
    token = tokens(proving)["access_token"]
    for wrong in (None, base64url_sha256("another")):
        proof = proving.key.proof("GET", "/userinfo", token, ath=wrong)
        refused = proving.userinfo(token, proof)
        assert refused.status_code == 401
        assert 'error="invalid_dpop_proof"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
def test_a_script_of_any_origin_may_prove_and_read_the_nonce(
    party: RelyingParty, path: str
) -> None:
    """Section 8: a browser's client needs CORS for both headers."""
    asked = party.http.options(path, headers={"Origin": "https://spa.example.fi"})
    assert "DPoP" in asked.headers["Access-Control-Allow-Headers"].split(", ")
    answer = party.http.post(path, headers={"Origin": "https://spa.example.fi"})
    assert "DPoP-Nonce" in answer.headers["Access-Control-Expose-Headers"].split(", ")
