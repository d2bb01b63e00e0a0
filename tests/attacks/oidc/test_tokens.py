"""What a dishonest upstream, or somebody between, tries with its tokens.

security.md 'Federation'; OpenID Connect Core 3.1.3.7; RFC 9207; RFC 9700 section 4.4 (mix-up).
"""

import base64
import hmac
import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.attacks.oidc.refusing import refused
from tests.federated import Federated
from tests.oidc_upstream import CLIENT_SECRET, Upstream


def b64(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(upstream: Upstream) -> None:
    upstream.forge = lambda claims: f"{b64({'alg': 'none'})}.{b64(claims)}."


def signed_with_the_client_secret(upstream: Upstream) -> None:
    key = OctKey.import_key(CLIENT_SECRET)
    upstream.forge = lambda claims: jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"])


def signed_with_the_public_key(upstream: Upstream) -> None:
    """RS256 to HS256: the public key as a shared secret."""
    pem = upstream.key.as_pem(private=False)

    def forge(claims: dict[str, Any]) -> str:
        signed = f"{b64({'alg': 'HS256', 'kid': 'k1'})}.{b64(claims)}"
        return f"{signed}.{b64(hmac.digest(pem, signed.encode(), 'sha256'))}"

    upstream.forge = forge


def signed_by_a_stranger(upstream: Upstream) -> None:
    stranger = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    upstream.forge = lambda claims: upstream.sign(claims, stranger)


def signed_by_a_key_in_its_header(upstream: Upstream) -> None:
    stranger = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    upstream.header = {"jwk": stranger.as_dict(private=False)}
    upstream.forge = lambda claims: upstream.sign(claims, stranger)


def signed_otherwise_than_pinned(upstream: Upstream) -> None:
    upstream.header = {"alg": "PS256"}


def signed_by_an_unpublished_key(upstream: Upstream) -> None:
    upstream.header = {"kid": "k2"}


def with_a_short_key(upstream: Upstream) -> None:
    with warnings.catch_warnings(action="ignore"):
        upstream.key = RSAKey.generate_key(1024, parameters={"kid": "k1"})
    upstream.published = [upstream.key]


def tampered(upstream: Upstream) -> None:
    def forge(claims: dict[str, Any]) -> str:
        head, _, tail = upstream.sign(claims).split(".")
        return f"{head}.{b64({**claims, 'sub': 'somebody else'})}.{tail}"

    upstream.forge = forge


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "https://other.example", "issuer_mismatch"),
        ("iss", None, "issuer_mismatch"),
        ("aud", "another client", "audience_mismatch"),
        ("aud", [], "audience_mismatch"),
        ("aud", None, "audience_mismatch"),
        ("azp", "another client", "audience_mismatch"),
        ("nonce", "another", "nonce_mismatch"),
        ("nonce", None, "nonce_mismatch"),
        ("nonce", ["x"], "nonce_mismatch"),
        ("exp", 1, "expired"),
        ("exp", None, "token_malformed"),
        ("exp", "never", "token_malformed"),
        ("exp", True, "token_malformed"),
        ("exp", 1e300, "token_malformed"),
        ("iat", 9999999999, "not_yet_valid"),
        ("iat", None, "token_malformed"),
        ("nbf", 9999999999, "not_yet_valid"),
        ("at_hash", "AAAA", "token_hash_mismatch"),
        ("sub", None, "subject_missing"),
        ("sub", "", "subject_missing"),
        ("sub", "x" * 256, "subject_missing"),
        ("sub", {"a": 1}, "subject_missing"),
    ],
)
def test_a_claim_that_does_not_hold_opens_nothing(
    kuusela: Federated, claim: str, value: object, reason: str
) -> None:
    """OpenID Connect Core 3.1.3.7, 3.1.3.8; None: the claim is not there."""
    kuusela.upstream.id_token[claim] = value
    refused(kuusela, reason)


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (unsigned, "algorithm_refused"),
        (signed_with_the_client_secret, "algorithm_refused"),
        (signed_with_the_public_key, "algorithm_refused"),
        (signed_otherwise_than_pinned, "algorithm_refused"),
        (signed_by_a_stranger, "signature_invalid"),
        (signed_by_a_key_in_its_header, "signature_invalid"),
        (tampered, "signature_invalid"),
        (signed_by_an_unpublished_key, "key_unknown"),
        (with_a_short_key, "key_unknown"),
    ],
)
def test_a_token_that_the_upstream_did_not_sign_so_opens_nothing(
    kuusela: Federated, lie: Callable[[Upstream], None], reason: str
) -> None:
    lie(kuusela.upstream)
    refused(kuusela, reason)


def test_userinfo_of_somebody_else_is_refused(kuusela: Federated) -> None:
    kuusela.upstream.userinfo = {"sub": "somebody else", "preferred_username": "x@kuusela.fi"}
    refused(kuusela, "userinfo_subject_mismatch")
