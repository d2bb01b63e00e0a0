"""What is signed and encrypted for a client, and what its proofs of possession are signed with."""

from collections.abc import Callable
from typing import Any

from joserfc import jwe
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from idp.authorization.introspection import MEDIA_TYPE
from tests.discovery.promises import Trial, promise
from tests.discovery.signatures import ALGORITHMS, algorithm_of
from tests.dpop import ProofKey, ProvingParty
from tests.relying_party import RelyingParty

_RSA = RSAKey.generate_key(2048)
_EC = ECKey.generate_key("P-256")
KEY_ENCRYPTION: dict[str, Key] = {
    **dict.fromkeys(("RSA1_5", "RSA-OAEP", "RSA-OAEP-256"), _RSA),
    **dict.fromkeys(("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"), _EC),
}
"""Of RFC 7518 section 4.1, those with a public key."""
CONTENT_ENCRYPTION = (
    *("A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"),
    *("A128GCM", "A192GCM", "A256GCM"),
)
PROOF_KEYS: dict[str, Key] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), _RSA),
    **dict.fromkeys(("EdDSA", "Ed25519"), OKPKey.generate_key("Ed25519")),
    "ES256": _EC,
    "ES384": ECKey.generate_key("P-384"),
    "ES512": ECKey.generate_key("P-521"),
    "ES256K": ECKey.generate_key("secp256k1"),
}


def _id_token(party: RelyingParty, tokens: dict[str, Any]) -> str:
    return str(tokens["id_token"])


def _userinfo(party: RelyingParty, tokens: dict[str, Any]) -> str:
    answer = party.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    return answer.text


def _introspection(party: RelyingParty, tokens: dict[str, Any]) -> str:
    answer = party.post("/introspect", token=tokens["access_token"])
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    return answer.text


def _authorization(party: RelyingParty, tokens: dict[str, Any]) -> str:
    """An error is answered in the same form as a code (JARM section 2.3)."""
    asked = party.authorize(party.provider.browser(), response_mode="jwt", prompt="none")
    return party.answer(asked)["response"]


KINDS: dict[str, Callable[[RelyingParty, dict[str, Any]], str]] = {
    "id_token": _id_token,
    "userinfo": _userinfo,
    "introspection": _introspection,
    "authorization": _authorization,
}
"""How each kind of JWT reaches its client."""


def _decrypted(trial: Trial, kind: str, alg: str, enc: str) -> bool:
    key = KEY_ENCRYPTION[alg]
    jwks = {"keys": [{**key.as_dict(private=False), "use": "enc"}]}
    party = trial.party(
        jwks=jwks,
        **{
            f"{kind}_signed_response_alg": "ES256",
            f"{kind}_encrypted_response_alg": alg,
            f"{kind}_encrypted_response_enc": enc,
        },
    )
    told = KINDS[kind](party, party.tokens(trial.browser(), trial.account))
    opened = jwe.decrypt_compact(told, key, algorithms=[alg, enc])
    assert opened.plaintext
    return algorithm_of(party, opened.plaintext.decode()) == "ES256"


def _signed(kind: str) -> None:
    @promise(f"{kind}_signing_alg_values_supported", *ALGORITHMS)
    def signing(trial: Trial, value: str) -> bool:
        """The client that registers it gets this kind signed so, with a published key."""
        party = trial.party(**{f"{kind}_signed_response_alg": value})
        told = KINDS[kind](party, party.tokens(trial.browser(), trial.account))
        return algorithm_of(party, told) == value


def _encrypted(kind: str) -> None:
    @promise(f"{kind}_encryption_alg_values_supported", *KEY_ENCRYPTION, "dir", "A256KW")
    def encryption_alg(trial: Trial, value: str) -> bool:
        """The client that registers it gets this kind encrypted to its key so."""
        return _decrypted(trial, kind, value, "A128CBC-HS256")

    @promise(f"{kind}_encryption_enc_values_supported", *CONTENT_ENCRYPTION)
    def encryption_enc(trial: Trial, value: str) -> bool:
        """The content is encrypted with what the client registers."""
        return _decrypted(trial, kind, "ECDH-ES", value)


for _kind in KINDS:
    _encrypted(_kind)
    _signed(_kind)


@promise("dpop_signing_alg_values_supported", *ALGORITHMS)
def dpop_alg(trial: Trial, value: str) -> bool:
    """A proof signed so binds the tokens (RFC 9449 section 5.1)."""
    proving = ProvingParty(trial.party(), ProofKey(PROOF_KEYS[value], value))
    code = proving.party.code(trial.browser(), trial.account)
    return bool(proving.redeem(code).json().get("token_type") == "DPoP")
