from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from bench import checking
from bench.bound import Prover
from bench.jose import decoded, signed
from bench.message import Response

RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
KEYS = [
    (RSA, RSAKey.import_key(RSA.public_key()), "RS256"),
    (P256, ECKey.import_key(P256.public_key()), "ES256"),
]


@pytest.mark.parametrize(("private", "public", "alg"), KEYS)
def test_what_the_generator_signs_verifies_elsewhere(private: Any, public: Any, alg: str) -> None:
    token = signed(private, {"typ": "JWT"}, {"sub": "aino"})
    opened = jwt.decode(token, public, algorithms=[alg])
    assert (opened.header, opened.claims) == ({"typ": "JWT", "alg": alg}, {"sub": "aino"})


@pytest.mark.parametrize("name", checking.operations())
def test_what_is_timed_alone_is_a_good_answer_accepted(name: str) -> None:
    checking.operations()[name]()


def test_a_proof_carries_the_nonce_that_was_asked_for() -> None:
    prover = Prover()
    assert "nonce" not in _claims(prover)
    refused = Response(400, b"HTTP/1.1 400\r\nDPoP-Nonce: n1", b'{"error":"use_dpop_nonce"}')
    assert prover.keep(refused)
    assert _claims(prover)["nonce"] == "n1"
    assert not prover.keep(Response(200, b"HTTP/1.1 200 OK", b"{}"))
    assert _claims(prover)["nonce"] == "n1"


def _claims(prover: Prover) -> dict[str, Any]:
    proof = prover.proof("https://id.example.fi/token").removeprefix("DPoP: ").strip()
    return decoded(proof.split(".")[1])
