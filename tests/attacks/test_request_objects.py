"""Signed requests (RFC 9101): only the client's own, for us, for now, and nothing beside them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from idp.foundation.clock import utcnow
from tests.provider import ISSUER, Provider
from tests.signing_party import SigningParty

NONE = "eyJhbGciOiJub25lIn0"


def refused(party: SigningParty, token: str, **beside: str) -> str:
    """The error that the object comes to, told at the registered address beside it."""
    beside = {"redirect_uri": party.redirect_uri, "state": "beside"} | beside
    answer = party.answer(party.by_object(party.provider.browser(), token, **beside))
    assert answer["state"] == "beside"
    assert answer["iss"] == ISSUER
    return answer["error"]


def test_a_signed_request_leads_to_a_code(signer: SigningParty) -> None:
    browser = signer.provider.browser()
    page = signer.by_object(browser, signer.request_object())
    answer = signer.answer(browser.sign_in(signer.provider.person(), page))
    assert answer["state"] == signer.state
    assert signer.redeem(answer["code"]).status_code == 200


def test_nothing_beside_the_object_counts(signer: SigningParty) -> None:
    """RFC 9101 section 6.3."""
    browser = signer.provider.browser()
    page = signer.by_object(
        browser,
        signer.request_object(scope="openid", nonce=None),
        redirect_uri="https://evil.example/",
        scope="openid email",
        state="other",
        nonce="other",
    )
    answer = signer.answer(browser.sign_in(signer.provider.person(), page))
    tokens = signer.redeem(answer["code"]).json()
    assert (answer["state"], tokens["scope"]) == (signer.state, "openid")
    assert "nonce" not in signer.claims(tokens["id_token"])


def test_members_may_be_numbers_and_objects(signer: SigningParty) -> None:
    browser = signer.provider.browser()
    token = signer.request_object(
        max_age=600,
        claims={"id_token": {"given_name": None}},
        resource=["https://api.example.fi/", "urn:example:archive"],
    )
    answer = signer.answer(
        browser.sign_in(signer.provider.person(), signer.by_object(browser, token))
    )
    tokens = signer.redeem(answer["code"]).json()
    assert signer.claims(tokens["id_token"])["given_name"] == "Maija"


@pytest.mark.parametrize("typ", ["JWT", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"])
def test_the_types_of_old_and_new_are_taken(signer: SigningParty, typ: str) -> None:
    page = signer.by_object(signer.provider.browser(), signer.request_object(header={"typ": typ}))
    assert page.url.path == "/login"


Make = Callable[[SigningParty], str]


def _mac(party: SigningParty) -> str:
    claims = {**party.parameters(), "client_id": party.client_id}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"x" * 32), algorithms=["HS256"])


def _encrypted(_party: SigningParty) -> str:
    key = RSAKey.generate_key(2048, auto_kid=False)
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
    return jwe.encrypt_compact(header, b"{}", key, algorithms=list(header.values()))


def _another_key(party: SigningParty) -> str:
    claims = {**party.parameters(), "client_id": party.client_id}
    return party.signed(claims, key=ECKey.generate_key("P-256"))


def _header_key(party: SigningParty) -> str:
    key = ECKey.generate_key("P-256")
    claims = {**party.parameters(), "client_id": party.client_id}
    return party.signed(claims, key=key, jwk=key.as_dict(private=False))


def _with(**changes: Any) -> Make:
    return lambda party: party.request_object(**changes)


WRONG: dict[str, Make] = {
    "no JWT": lambda _: "x",
    "three parts of nothing": lambda _: "a.b.c",
    "alg none": lambda _: f"{NONE}.e30.",
    "too long": lambda _: "x" * 30_000,
    "a MAC": _mac,
    "encrypted": _encrypted,
    "another key's": _another_key,
    "a key in its own header": _header_key,
    "a client assertion": lambda party: party.assertion(),
    "changed": lambda party: party.request_object()[:-4] + "AAAA",
    "a logout token's type": _with(header={"typ": "logout+jwt"}),
    "an assertion's type": _with(header={"typ": "client-authentication+jwt"}),
    "an unknown kid": _with(header={"kid": "unknown"}),
    "no client_id": _with(client_id=None),
    "another's client_id": _with(client_id="another"),
    "another's iss": _with(iss="another"),
    "the client as sub": lambda party: party.request_object(sub=party.client_id),
    "another's aud": _with(aud="https://another.example"),
    "several of others' aud": _with(aud=["https://another.example"]),
    "nobody's aud": _with(aud=[]),
    "expired": _with(exp=1),
    "exp no number": _with(exp="soon"),
    "exp a truth value": _with(exp=True),
    "exp beyond time": _with(exp=10**30),
    "nbf ahead": _with(nbf=10**10),
    "iat no number": _with(iat="now"),
    "a request in it": _with(request="x"),
    "a request_uri in it": _with(request_uri="https://portal.example.fi/r"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_the_clients_own_request_for_us_now_is_refused(
    signer: SigningParty, wrong: str
) -> None:
    assert refused(signer, WRONG[wrong](signer)) == "invalid_request_object"


@pytest.mark.parametrize("value", [["a"], True, 1.5, "a\0b"])
def test_a_member_that_is_no_parameters_value_is_refused(signer: SigningParty, value: Any) -> None:
    assert refused(signer, signer.request_object(state=value)) == "invalid_request"


def test_without_a_registered_address_beside_it_a_bad_object_is_a_page(
    signer: SigningParty,
) -> None:
    for beside in ({}, {"redirect_uri": "https://evil.example/"}):
        page = signer.by_object(signer.provider.browser(), "x", **beside)
        assert page.status_code == 400
        assert "//evil.example" not in page.text


def test_a_wrong_address_within_the_object_is_a_page(signer: SigningParty) -> None:
    token = signer.request_object(redirect_uri="https://evil.example/")
    page = signer.by_object(signer.provider.browser(), token, redirect_uri=signer.redirect_uri)
    assert page.status_code == 400
    assert "//evil.example" not in page.text


@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_a_repeated_object_is_refused(signer: SigningParty, name: str) -> None:
    pairs = [*signer.parameters().items(), (name, "x"), (name, "x")]
    answer = signer.answer(signer.provider.browser().open(f"/authorize?{urlencode(pairs)}"))
    assert answer["error"] == "invalid_request"


def test_an_object_by_value_and_by_reference_at_once_is_refused(signer: SigningParty) -> None:
    error = refused(signer, signer.request_object(), request_uri="https://portal.example.fi/r")
    assert error == "invalid_request"


def test_only_the_registered_algorithm_is_taken(provider: Provider) -> None:
    provider.organization()
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
    ec = ECKey.generate_key("P-256", {"kid": "ec"}, auto_kid=False)
    keys = {"keys": [rsa.as_dict(private=False), ec.as_dict(private=False)]}
    party = SigningParty(provider, jwks=keys, request_object_signing_alg="PS256")
    claims = {**party.parameters(), "aud": ISSUER}
    for key, alg, is_taken in ((rsa, "PS256", True), (rsa, "RS256", False), (ec, "ES256", False)):
        token = party.signed(claims, key=key, alg=alg, kid=key.kid)
        if is_taken:
            assert party.by_object(provider.browser(), token).url.path == "/login"
        else:
            assert refused(party, token) == "invalid_request_object"


def test_a_client_without_keys_signs_nothing(provider: Provider) -> None:
    provider.organization()
    party = SigningParty(provider, token_endpoint_auth_method="client_secret_basic", jwks=None)
    assert refused(party, party.request_object()) == "invalid_request_object"


def test_a_client_registered_to_sign_is_refused_otherwise(provider: Provider) -> None:
    provider.organization()
    party = SigningParty(provider, require_signed_request_object=True)
    unsigned = party.answer(party.authorize(provider.browser()))
    assert unsigned["error"] == "invalid_request"
    browser = provider.browser()
    page = party.by_object(browser, party.request_object())
    assert "code" in party.answer(browser.sign_in(provider.person(), page))


@pytest.mark.parametrize(
    ("changes", "is_taken"),
    [
        ({}, True),
        ({"aud": None}, False),
        ({"exp": None}, False),
        ({"nbf": None}, False),
        ({"iss": None}, False),
        ({"nbf": -3700, "exp": 60}, False),
        ({"nbf": 0, "exp": 3700}, False),
        ({"nbf": -3000, "exp": 500}, True),
    ],
)
def test_fapi_objects_say_everything_and_live_an_hour_at_most(
    provider: Provider, changes: dict[str, int | None], is_taken: bool
) -> None:
    """FAPI 2.0 Message Signing section 5.3.1."""
    provider.organization()
    party = SigningParty(provider, fapi_profile="fapi2_message_signing")
    now = int(utcnow().timestamp())
    moments = {
        name: now + value if isinstance(value, int) else None for name, value in changes.items()
    }
    answer = party.post("/par", request=party.request_object(**moments))
    assert answer.status_code == (201 if is_taken else 400), answer.text
    assert is_taken or answer.json()["error"] == "invalid_request_object"


@pytest.mark.parametrize("name", ["ä", '"', "\\", "a b", "x" * 300, "\r\n"])
def test_a_parameter_with_an_odd_name_is_refused_like_any_other(
    signer: SigningParty, name: str
) -> None:
    """Error descriptions are plain ASCII (RFC 6749 section 4.1.2.1)."""
    pairs = [*signer.parameters().items(), (name, "1"), (name, "2")]
    answer = signer.answer(signer.provider.browser().open(f"/authorize?{urlencode(pairs)}"))
    assert answer["error"] == "invalid_request"
    assert refused(signer, signer.request_object(**{name: [1]})) == "invalid_request"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for endpoint in ("/par", "/token"):
        body = urlencode([(name, "1"), (name, "2")])
        posted = signer.http.post(endpoint, content=body, headers=headers)
        assert (posted.status_code, posted.json()["error"]) == (400, "invalid_request")
