"""A client authenticates in exactly its registered way, on every endpoint (RFC 6749, RFC 7523)."""

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from idp.foundation.clock import shifted, utcnow
from tests.provider import ISSUER, OPERATOR, Provider
from tests.relying_party import RelyingParty

ENDPOINTS = ("/token", "/revoke", "/introspect", "/par", "/device_authorization")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = ECKey.generate_key("P-256", auto_kid=True)


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Basic credentials, not form-url-encoded: fit for plain letters only."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def ask(provider: Provider, endpoint: str, form: dict[str, str], **headers: str) -> httpx.Response:
    """Post to an endpoint with what each of them wants besides."""
    wanted = {"grant_type": "authorization_code", "code": "x", "token": "x"}
    return provider.browser().post(endpoint, data=wanted | form, headers=headers)


def assertion(client_id: str, key: Any = KEY, alg: str = "ES256", **changes: Any) -> str:
    """A client assertion; a change to None leaves the claim out."""
    now = int(utcnow().timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "exp": now + 60,
        "iat": now,
        "jti": uuid4().hex,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, algorithms=[alg])


def proven(signer: RelyingParty, proof: str) -> dict[str, str]:
    """The form's parameters that present an assertion."""
    return {
        "client_id": signer.client_id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": proof,
    }


@pytest.fixture
def signer(provider: Provider) -> RelyingParty:
    """A client that signs its assertions."""
    return RelyingParty(
        provider,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [KEY.as_dict(private=False)]},
    )


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_wrong_secret_is_401_with_a_challenge(party: RelyingParty, endpoint: str) -> None:
    answer = ask(party.provider, endpoint, {}, **basic(party.client_id, "wrong"))
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_method_that_was_not_registered_is_refused(party: RelyingParty, endpoint: str) -> None:
    form = {"client_id": party.client_id, "client_secret": party.secret or ""}
    assert ask(party.provider, endpoint, form).status_code == 401
    assert ask(party.provider, endpoint, {"client_id": party.client_id}).status_code == 401
    poster = RelyingParty(party.provider, token_endpoint_auth_method="client_secret_post")
    form = {"client_id": poster.client_id, "client_secret": poster.secret or ""}
    assert ask(party.provider, endpoint, form).json().get("error") != "invalid_client"
    refused = ask(party.provider, endpoint, {}, **basic(poster.client_id, poster.secret or ""))
    assert refused.status_code == 401


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_two_methods_at_once_are_refused(party: RelyingParty, endpoint: str) -> None:
    headers = basic(party.client_id, party.secret or "")
    form = {"client_id": party.client_id, "client_secret": party.secret or ""}
    answer = ask(party.provider, endpoint, form, **headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_basic_of_one_client_with_the_id_of_another_is_refused(party: RelyingParty) -> None:
    other = RelyingParty(party.provider)
    headers = basic(party.client_id, party.secret or "")
    answer = ask(party.provider, "/token", {"client_id": other.client_id}, **headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"a%ff:b").decode(),
        "Basic " + base64.b64encode(b"a%00:b").decode(),
        "Digest x",
        "Bearer x",
    ],
)
def test_credentials_that_cannot_be_read_are_401_never_500(provider: Provider, header: str) -> None:
    answer = ask(provider, "/token", {}, Authorization=header)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_basic_credentials_are_form_url_encoded(party: RelyingParty) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in (party.secret or "").encode())
    answer = ask(party.provider, "/introspect", {}, **basic(party.client_id, encoded))
    assert answer.json() == {"active": False}


def test_a_public_client_redeems_with_pkce_and_may_not_introspect(provider: Provider) -> None:
    provider.organization()
    public = RelyingParty(provider, token_endpoint_auth_method="none")
    tokens = public.tokens(provider.browser(), provider.person())
    assert public.userinfo(tokens["access_token"]).status_code == 200
    answer = ask(
        provider, "/introspect", {"client_id": public.client_id, "token": tokens["access_token"]}
    )
    assert answer.json() == {"active": False}


def test_a_disabled_client_is_refused_everywhere(party: RelyingParty) -> None:
    tokens = party.tokens(party.provider.browser(), party.provider.person())
    with party.provider.database.transaction() as tx:
        party.provider.deployment.clients.disable(tx, party.client_id, by=OPERATOR)
    party.provider.deployment.clients.changed()
    assert party.refresh(tokens["refresh_token"]).status_code == 401
    assert party.authorize(party.provider.browser()).status_code == 400


def test_a_good_assertion_authenticates_once(signer: RelyingParty) -> None:
    proof = assertion(signer.client_id)
    form = proven(signer, proof)
    assert ask(signer.provider, "/introspect", form).json() == {"active": False}
    again = ask(signer.provider, "/introspect", form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token", [ISSUER]])
def test_an_assertion_is_for_the_issuer_or_the_token_endpoint(
    signer: RelyingParty, audience: object
) -> None:
    proof = assertion(signer.client_id, aud=audience)
    form = proven(signer, proof)
    assert ask(signer.provider, "/introspect", form).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": None},
        {"iss": "another"},
        {"sub": "another"},
        {"exp": None},
        {"exp": 1},
        {"exp": 99999999999999999999},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 4102444800},
        {"nbf": 4102444800},
        {"iat": 4102444800},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"jti": 5},
    ],
)
def test_an_assertion_that_says_anything_wrong_is_refused(
    signer: RelyingParty, changes: dict[str, Any]
) -> None:
    proof = assertion(signer.client_id, **changes)
    form = proven(signer, proof)
    answer = ask(signer.provider, "/token", form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_signed_by_another_key_or_algorithm_is_refused(signer: RelyingParty) -> None:
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    rsa = RSAKey.generate_key(2048, auto_kid=True)
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = assertion(signer.client_id).split(".")[1]
    for proof in (
        assertion(signer.client_id, stranger),
        assertion(signer.client_id, rsa, "RS256"),
        f"{head}.{body}.",
        "nonsense",
        "a.b.c",
        "x" * 30000,
    ):
        form = proven(signer, proof)
        answer = ask(signer.provider, "/token", form)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_expired_assertion_does_not_live_again_on_a_later_clock(signer: RelyingParty) -> None:
    proof = assertion(signer.client_id)
    form = proven(signer, proof)
    with shifted(timedelta(minutes=3)):
        assert ask(signer.provider, "/token", form).status_code == 401
