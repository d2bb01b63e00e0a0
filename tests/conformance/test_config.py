"""The modules of the suite's Config plan, and what each logout plan asks of the document first."""

import re
from typing import Any

import pytest

from tests.provider import ISSUER, Provider

LOGOUTS: dict[str, dict[str, object]] = {
    "oidcc-rp-initiated-logout-discovery-endpoint-verification": {
        "end_session_endpoint": f"{ISSUER}/logout"
    },
    "oidcc-frontchannel-logout-discovery-endpoint-verification": {
        "end_session_endpoint": f"{ISSUER}/logout",
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    },
    "oidcc-backchannel-logout-discovery-endpoint-verification": {
        "end_session_endpoint": f"{ISSUER}/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    },
    "oidcc-session-management-discovery-endpoint-verification": {
        "end_session_endpoint": f"{ISSUER}/logout",
        "check_session_iframe": f"{ISSUER}/session/check",
    },
}
"""Module → the members it reads."""


@pytest.fixture
def document(provider: Provider) -> dict[str, Any]:
    """What discovery says."""
    answer = provider.browser().get("/.well-known/openid-configuration")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    said: dict[str, Any] = answer.json()
    return said


def test_oidcc_discovery_endpoint_verification(
    provider: Provider, document: dict[str, Any]
) -> None:
    """OIDC Discovery sections 3 and 4.3, RFC 8414 section 2."""
    assert document["issuer"] == ISSUER
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert set(document["subject_types_supported"]) <= {"public", "pairwise"}
    assert {"authorization_code", "refresh_token"} <= set(document["grant_types_supported"])
    for offered in ("id_token", "userinfo", "request_object"):
        algorithms = document[f"{offered}_signing_alg_values_supported"]
        assert "RS256" in algorithms
        assert "none" not in algorithms
    assert {"sub", "name", "email", "auth_time", "acr"} <= set(document["claims_supported"])
    assert "openid" in document["scopes_supported"]
    assert all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", s) for s in document["scopes_supported"])
    assert all(re.fullmatch(r"[a-z]{2,3}", tag) for tag in document["ui_locales_supported"])
    for member in ("claims_parameter", "request_parameter", "request_uri_parameter"):
        assert isinstance(document[f"{member}_supported"], bool)
    addresses = [v for v in document.values() if isinstance(v, str) and "://" in v]
    assert len(addresses) > 8
    assert all(address.startswith("https://") for address in addresses)


def test_oidcc_discovery_endpoint_verification_of_the_keys(
    provider: Provider, document: dict[str, Any]
) -> None:
    """RFC 7517 section 4.5, RFC 7518 section 6: each key once, named, its private part at home."""
    keys = provider.browser().get(document["jwks_uri"].removeprefix(ISSUER)).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert key["use"] == "sig"
        assert key["kty"] in ("RSA", "EC", "OKP")
        assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & key.keys()
    signing = {alg for kind in ("id_token", "userinfo") for alg in _algorithms(document, kind)}
    assert {key["alg"] for key in keys} == signing


@pytest.mark.parametrize("module", LOGOUTS)
def test_what_a_logout_plan_looks_for_is_announced(document: dict[str, Any], module: str) -> None:
    expected = LOGOUTS[module]
    assert {name: document.get(name) for name in expected} == expected


def _algorithms(document: dict[str, Any], kind: str) -> list[str]:
    found: list[str] = document[f"{kind}_signing_alg_values_supported"]
    return found
