"""A JWT for one client is signed, then encrypted to the key that it registered for that."""

import json
from typing import Any, get_args

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from idp.authorization.sealed_answer import Kind, SealedAnswers
from idp.clients.client import Client
from idp.clients.metadata.algorithms import ContentEncryption
from idp.errors import Unavailable
from tests.provider import Provider

CLAIMS = {"iss": "https://id.example.fi", "sub": "maija"}
KEYS: dict[str, Key] = {
    "RSA": RSAKey.generate_key(2048, {"use": "enc", "kid": "rsa"}),
    "EC": ECKey.generate_key("P-256", {"use": "enc", "kid": "ec"}),
    "OKP": OKPKey.generate_key("X25519", {"use": "enc", "kid": "okp"}),
}
SIGNING_ONLY = RSAKey.generate_key(2048, {"use": "sig", "kid": "signing"})


def client(*keys: Key, **metadata: Any) -> Client:
    """A client with these public keys."""
    shown = {"jwks": {"keys": [key.as_dict(private=False) for key in keys]}} if keys else {}
    return Client(
        client_id="portal",
        metadata={**shown, **metadata},
        is_first_party=True,
        secret_digest=None,
        previous_secret_digest=None,
        previous_secret_until=None,
    )


@pytest.fixture
def answers(provider: Provider) -> SealedAnswers:
    """The sealed answers of one deployment."""
    return SealedAnswers(provider.deployment.signing_keys, provider.deployment.client_keys)


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_an_answer_is_signed_with_the_registered_algorithm(
    provider: Provider, answers: SealedAnswers, alg: str
) -> None:
    told = answers.seal(
        Kind.USERINFO, CLAIMS, client(userinfo_signed_response_alg=alg), typ="x+jwt"
    )
    keys = KeySet.import_key_set(provider.deployment.signing_keys.jwks())  # type: ignore[arg-type]
    opened = jwt.decode(told, keys, algorithms=[alg])
    assert opened.claims == CLAIMS
    assert opened.header["typ"] == "x+jwt"
    assert opened.header["kid"]


@pytest.mark.parametrize("enc", get_args(ContentEncryption))
@pytest.mark.parametrize(
    ("alg", "kind"),
    [
        ("RSA-OAEP-256", "RSA"),
        ("ECDH-ES", "EC"),
        ("ECDH-ES", "OKP"),
        ("ECDH-ES+A256KW", "EC"),
        ("ECDH-ES+A256KW", "OKP"),
    ],
)
def test_an_answer_is_signed_and_then_encrypted(
    provider: Provider, answers: SealedAnswers, alg: str, kind: str, enc: str
) -> None:
    """OpenID Connect Core section 10.2: nested, with ``cty`` saying so (RFC 7519 section 5.2)."""
    key = KEYS[kind]
    registered = client(
        SIGNING_ONLY,
        key,
        id_token_signed_response_alg="ES256",
        id_token_encrypted_response_alg=alg,
        id_token_encrypted_response_enc=enc,
    )
    told = answers.seal(Kind.ID_TOKEN, CLAIMS, registered)
    opened = jwe.decrypt_compact(told, key, algorithms=[alg, enc])
    assert opened.headers()["cty"] == "JWT"
    assert opened.headers()["kid"] == key.kid
    keys = KeySet.import_key_set(provider.deployment.signing_keys.jwks())  # type: ignore[arg-type]
    assert opened.plaintext
    assert jwt.decode(opened.plaintext, keys, algorithms=["ES256"]).claims == CLAIMS


def test_userinfo_may_be_encrypted_without_a_signature(answers: SealedAnswers) -> None:
    registered = client(KEYS["RSA"], userinfo_encrypted_response_alg="RSA-OAEP-256")
    told = answers.seal(Kind.USERINFO, CLAIMS, registered)
    opened = jwe.decrypt_compact(told, KEYS["RSA"], algorithms=["RSA-OAEP-256", "A128CBC-HS256"])
    assert opened.headers()["enc"] == "A128CBC-HS256"
    assert opened.plaintext
    assert json.loads(opened.plaintext) == CLAIMS


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (SIGNING_ONLY,),
        (KEYS["EC"],),
        (RSAKey.generate_key(2048, {"alg": "RSA-OAEP"}),),
        (OKPKey.generate_key("Ed25519"),),
    ],
)
def test_without_a_key_for_it_nothing_is_told_in_clear(
    answers: SealedAnswers, keys: tuple[Key, ...]
) -> None:
    registered = client(*keys, userinfo_encrypted_response_alg="RSA-OAEP-256")
    with pytest.raises(Unavailable):
        answers.seal(Kind.USERINFO, CLAIMS, registered)
