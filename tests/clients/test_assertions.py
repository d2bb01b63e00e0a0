"""Clients prove themselves by a signed JWT, or a secret that was just rotated (RFC 7523)."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.clients.registrations import SECRET_OVERLAP
from idp.foundation.clock import shifted, utcnow
from idp.foundation.fetch import Fetched, Fetcher
from tests.provider import ISSUER, OPERATOR, Provider
from tests.relying_party import RelyingParty

ENDPOINTS = ("/token", "/revoke", "/introspect", "/par", "/device_authorization")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = ECKey.generate_key("P-256", {"kid": "one"})


def proof(client_id: str, key: Any, alg: str, header: Any = None, **changes: Any) -> str:
    """A client assertion (RFC 7523 section 3)."""
    now = int(utcnow().timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": uuid4().hex,
    } | changes
    head = {"alg": alg} | ({"kid": key.kid} if key.kid else {}) | (header or {})
    # By hand, as the library would not write the odd claims of an attacker.
    return jws.serialize_compact(head, json.dumps(claims), key, algorithms=[alg])


def present(provider: Provider, assertion: str, path: str = "/introspect") -> httpx.Response:
    """Show an assertion, and say nothing else of who asks."""
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, "token": "x"}
    wanted = {"grant_type": "authorization_code", "code": "x"}
    return provider.browser().post(path, data=wanted | form)


def is_authenticated(answer: httpx.Response) -> bool:
    """Whether what was refused, if anything, was not the client."""
    return answer.status_code != 401 and answer.json().get("error") != "invalid_client"


def signer(provider: Provider, *keys: Any, **metadata: Any) -> RelyingParty:
    """A client with these keys, that signs its assertions."""
    shown = {"keys": [key.as_dict(private=False) for key in keys]}
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    return RelyingParty(provider, **(method | {"jwks": shown} | metadata))


def mac_key(party: RelyingParty) -> OctKey:
    """The client's secret as a key (OpenID Connect Core section 10.1)."""
    return OctKey.import_key((party.secret or "").encode())


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_a_secret_signs_assertions_on_every_endpoint(
    provider: Provider, alg: str, path: str
) -> None:
    party = RelyingParty(provider, token_endpoint_auth_method="client_secret_jwt")
    assertion = proof(party.client_id, mac_key(party), alg)
    assert is_authenticated(present(provider, assertion, path))
    assert not is_authenticated(present(provider, assertion, path))
    wrong = proof(party.client_id, OctKey.import_key(b"w" * 43), alg)
    assert not is_authenticated(present(provider, wrong, path))


def test_a_secret_for_assertions_is_not_sent_itself(provider: Provider) -> None:
    party = RelyingParty(provider, token_endpoint_auth_method="client_secret_jwt")
    answer = provider.browser().post(
        "/introspect", data={"token": "x"}, auth=(party.client_id, party.secret or "")
    )
    assert answer.status_code == 401


def test_a_registered_signing_algorithm_is_the_only_one(provider: Provider) -> None:
    """OIDC Registration section 2: ``token_endpoint_auth_signing_alg``."""
    party = RelyingParty(
        provider,
        token_endpoint_auth_method="client_secret_jwt",
        token_endpoint_auth_signing_alg="HS512",
    )
    for alg, expected in (("HS512", True), ("HS256", False)):
        answer = present(provider, proof(party.client_id, mac_key(party), alg))
        assert is_authenticated(answer) == expected


@pytest.mark.parametrize(
    ("alg", "make"),
    [
        ("RS256", lambda: RSAKey.generate_key(2048)),
        ("PS256", lambda: RSAKey.generate_key(2048)),
        ("ES256", lambda: ECKey.generate_key("P-256")),
        ("ES384", lambda: ECKey.generate_key("P-384")),
        ("EdDSA", lambda: OKPKey.generate_key("Ed25519")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_algorithm_signs_with_and_without_a_kid(
    provider: Provider, alg: str, make: Callable[[], Any]
) -> None:
    """RFC 7515 section 4.1.4: ``kid`` is a hint, which may be left out."""
    key, other = make(), make()
    party = signer(provider, other, key)
    assert is_authenticated(present(provider, proof(party.client_id, key, alg)))
    named = signer(provider, type(key).import_key(key.as_dict(private=True) | {"kid": "mine"}))
    named_key = type(key).import_key(key.as_dict(private=True) | {"kid": "mine"})
    assert is_authenticated(present(provider, proof(named.client_id, named_key, alg)))
    unknown = proof(named.client_id, named_key, alg, {"kid": "yours"})
    assert not is_authenticated(present(provider, unknown))


def test_a_public_key_is_no_secret(provider: Provider) -> None:
    """RFC 8725 section 2.1: the public key taken for a MAC's."""
    party = signer(provider, KEY)
    for stolen in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        forged = forge(party.client_id, stolen)
        assert not is_authenticated(present(provider, forged))


def forge(client_id: str, secret: bytes) -> str:
    """An assertion under a MAC with these bytes."""
    return proof(client_id, OctKey.import_key(secret.replace(b"-----", b"")), "HS256")


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u"])
def test_a_key_in_the_header_is_not_looked_at(provider: Provider, name: str) -> None:
    """RFC 8725 section 3.10."""
    party, own = signer(provider, KEY), ECKey.generate_key("P-256", {"kid": "one"})
    value = own.as_dict(private=False) if name == "jwk" else "https://evil.example.fi/jwks"
    assert not is_authenticated(
        present(provider, proof(party.client_id, own, "ES256", {name: value}))
    )


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt", "dpop+jwt"])
def test_another_kind_of_token_is_no_assertion(provider: Provider, typ: str) -> None:
    party = signer(provider, KEY)
    for kind, expected in ((typ, False), ("client-authentication+jwt", True), ("JWT", True)):
        answer = present(provider, proof(party.client_id, KEY, "ES256", {"typ": kind}))
        assert is_authenticated(answer) == expected


@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_ordinary_client_names_the_issuer_or_an_endpoint(provider: Provider, path: str) -> None:
    """OpenID Connect Core section 9, RFC 7523 section 3, RFC 9126 section 2."""
    party = signer(provider, KEY)
    good: list[Any] = [
        ISSUER,
        f"{ISSUER}/token",
        ISSUER + path,
        [ISSUER],
        [ISSUER, f"{ISSUER}/token"],
    ]
    bad: list[Any] = [
        "https://other.example.fi",
        [ISSUER, "https://other.example.fi"],
        [],
        "",
        None,
        5,
    ]
    for audience in good:
        answer = present(provider, proof(party.client_id, KEY, "ES256", aud=audience), path)
        assert is_authenticated(answer), audience
    for audience in bad:
        answer = present(provider, proof(party.client_id, KEY, "ES256", aud=audience), path)
        assert not is_authenticated(answer), audience


def test_a_fapi_client_names_the_issuer_alone(provider: Provider) -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1; its algorithms: section 5.4.1."""
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
    party = signer(provider, KEY, rsa, fapi_profile="fapi2_security")
    assert is_authenticated(present(provider, proof(party.client_id, KEY, "ES256")))
    assert is_authenticated(present(provider, proof(party.client_id, rsa, "PS256")))
    assert not is_authenticated(present(provider, proof(party.client_id, rsa, "RS256")))
    for audience in ([ISSUER], f"{ISSUER}/token", f"{ISSUER}/introspect"):
        answer = present(provider, proof(party.client_id, KEY, "ES256", aud=audience))
        assert not is_authenticated(answer), audience


def test_an_assertion_counts_once_on_all_nodes(provider: Provider) -> None:
    party = signer(provider, KEY)
    assertion = proof(party.client_id, KEY, "ES256")
    with provider.node() as other:
        assert is_authenticated(present(provider, assertion))
        assert not is_authenticated(present(other, assertion))


@pytest.mark.parametrize("jti", ["\ud800", "a\0b", "x" * 201, "", None, 5, ["a"]])
@pytest.mark.parametrize("field", ["jti", "sub", "iss"])
def test_an_odd_claim_is_401_and_never_500(provider: Provider, field: str, jti: Any) -> None:
    party = signer(provider, KEY)
    answer = present(provider, proof(party.client_id, KEY, "ES256", **{field: jti}))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_clients_published_keys_verify_its_assertions(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"https://rp.example.fi/{uuid4().hex}"
    body = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()

    def get(_self: Fetcher, url: str, *_args: Any, **_limits: Any) -> Fetched:
        assert url == address
        return Fetched(status=200, headers={}, body=body)

    monkeypatch.setattr(Fetcher, "get", get)
    party = signer(provider, jwks=None, jwks_uri=address)
    assert is_authenticated(present(provider, proof(party.client_id, KEY, "ES256")))
    stranger = ECKey.generate_key("P-256", {"kid": "two"})
    assert not is_authenticated(present(provider, proof(party.client_id, stranger, "ES256")))


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "client_secret_jwt"]
)
def test_a_rotated_secret_overlaps_with_the_new_one_on_every_endpoint(
    provider: Provider, method: str, path: str
) -> None:
    party = RelyingParty(provider, token_endpoint_auth_method=method)
    old = party.secret or ""
    with provider.database.transaction() as tx:
        rotated = provider.deployment.clients.rotate_secret(tx, party.client_id, by=OPERATOR)
    provider.deployment.clients.changed()
    new = rotated.client_secret or ""

    def works(secret: str) -> bool:
        wanted = {"grant_type": "authorization_code", "code": "x", "token": "x"}
        if method == "client_secret_jwt":
            key = OctKey.import_key(secret.encode())
            return is_authenticated(present(provider, proof(party.client_id, key, "HS256"), path))
        if method == "client_secret_post":
            pair = {"client_id": party.client_id, "client_secret": secret}
            return is_authenticated(provider.browser().post(path, data=wanted | pair))
        basic = (party.client_id, secret)
        return is_authenticated(provider.browser().post(path, data=wanted, auth=basic))

    assert (works(new), works(old), works("wrong" * 9)) == (True, True, False)
    with shifted(SECRET_OVERLAP):
        assert (works(new), works(old)) == (True, False)
