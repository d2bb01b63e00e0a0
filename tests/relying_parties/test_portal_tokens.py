"""The example portal's judgement of ID tokens and logout tokens, each rule broken once."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import Key, RSAKey

from examples.portal.tokens import TokenRefused, verify_id_token, verify_logout_token

ISSUER = "https://id.example.fi"
CLIENT = "portal"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# The example of OIDC Core appendix A.3: an access token and its at_hash.
ACCESS_TOKEN = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
AT_HASH = "77QmUPtjPfzWtF2AnpK9RQ"
EVENT = "http://schemas.openid.net/event/backchannel-logout"

KEY = RSAKey.generate_key(2048, {"kid": "known"})
STRANGER = RSAKey.generate_key(2048, {"kid": "known"})

Change = Callable[[dict[str, Any]], object]


def seconds(moment: datetime) -> int:
    """A NumericDate (RFC 7519 section 2)."""
    return int(moment.timestamp())


def find_key(kid: str) -> Key:
    """The provider's only key."""
    if kid != "known":
        raise InvalidKeyIdError(kid)
    return KEY


def sign(claims: dict[str, Any], *, key: Key = KEY, **header: str) -> str:
    """A token as the provider would sign it, but for what is said otherwise."""
    said = {"alg": "RS256", "kid": "known", **header}
    return jwt.encode(said, claims, key, algorithms=[said["alg"]])


def id_claims() -> dict[str, Any]:
    """An ID token's claims in which nothing is wrong."""
    return {
        "iss": ISSUER,
        "sub": "p-1",
        "aud": CLIENT,
        "exp": seconds(NOW + timedelta(minutes=5)),
        "iat": seconds(NOW),
        "nonce": "n-1",
        "at_hash": AT_HASH,
        "sid": "s-1",
    }


def logout_claims() -> dict[str, Any]:
    """A logout token's claims in which nothing is wrong."""
    return {
        "iss": ISSUER,
        "sub": "p-1",
        "aud": CLIENT,
        "exp": seconds(NOW + timedelta(minutes=2)),
        "iat": seconds(NOW),
        "jti": "j-1",
        "sid": "s-1",
        "events": {EVENT: {}},
    }


def judge_id_token(token: str, nonce: str | None = "n-1") -> dict[str, Any]:
    """The portal's judgement of an ID token at noon."""
    return verify_id_token(
        token,
        find_key,
        issuer=ISSUER,
        client_id=CLIENT,
        nonce=nonce,
        access_token=ACCESS_TOKEN,
        now=NOW,
    )


def judge_logout_token(token: str) -> dict[str, Any]:
    """The portal's judgement of a logout token at noon."""
    return verify_logout_token(token, find_key, issuer=ISSUER, client_id=CLIENT, now=NOW)


WRONG_IN_BOTH: dict[str, Change] = {
    "another issuer": lambda claims: claims.update(iss=f"{ISSUER}/"),
    "no issuer": lambda claims: claims.pop("iss"),
    "another client": lambda claims: claims.update(aud="other"),
    "more than one audience": lambda claims: claims.update(aud=[CLIENT, "other"], azp=CLIENT),
    "no audience": lambda claims: claims.pop("aud"),
    "authorized for another": lambda claims: claims.update(azp="other"),
    "expired": lambda claims: claims.update(exp=seconds(NOW - timedelta(seconds=61))),
    "no expiry": lambda claims: claims.pop("exp"),
    "expiry is a word": lambda claims: claims.update(exp="never"),
    "expiry is beyond all calendars": lambda claims: claims.update(exp=10**18),
    "from the future": lambda claims: claims.update(iat=seconds(NOW + timedelta(seconds=61))),
    "no moment": lambda claims: claims.pop("iat"),
}
WRONG_IN_ID_TOKENS: dict[str, Change] = {
    **WRONG_IN_BOTH,
    "another nonce": lambda claims: claims.update(nonce="n-2"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "another access token": lambda claims: claims.update(at_hash="LDktKdoQak3Pk0cnXxCltA"),
    "no subject": lambda claims: claims.pop("sub"),
    "events, as in a logout token": lambda claims: claims.update(events={EVENT: {}}),
}
WRONG_IN_LOGOUT_TOKENS: dict[str, Change] = {
    **WRONG_IN_BOTH,
    "too old": lambda claims: claims.update(
        iat=seconds(NOW - timedelta(minutes=6, seconds=1)),
        exp=seconds(NOW + timedelta(minutes=5)),
    ),
    "a nonce, as in an ID token": lambda claims: claims.update(nonce="n-1"),
    "no events": lambda claims: claims.pop("events"),
    "another event": lambda claims: claims.update(events={"urn:example:event": {}}),
    "events are a list": lambda claims: claims.update(events=[EVENT]),
    "the event says nothing": lambda claims: claims.update(events={EVENT: None}),
    "no token id": lambda claims: claims.pop("jti"),
    "neither subject nor session": lambda claims: (claims.pop("sub"), claims.pop("sid")),
    "the session is a number": lambda claims: claims.update(sid=7),
}


def test_a_right_id_token_is_believed() -> None:
    assert judge_id_token(sign(id_claims()))["sub"] == "p-1"
    assert judge_id_token(sign({**id_claims(), "aud": [CLIENT]}))["sub"] == "p-1"


def test_a_refreshed_id_token_may_lack_the_nonce() -> None:
    claims = id_claims()
    del claims["nonce"]
    assert judge_id_token(sign(claims), nonce=None)["sub"] == "p-1"


@pytest.mark.parametrize("change", WRONG_IN_ID_TOKENS.values(), ids=WRONG_IN_ID_TOKENS.keys())
def test_a_wrong_id_token_is_refused(change: Change) -> None:
    claims = id_claims()
    change(claims)
    with pytest.raises(TokenRefused):
        judge_id_token(sign(claims))


def test_a_right_logout_token_is_believed() -> None:
    assert judge_logout_token(sign(logout_claims(), typ="logout+jwt"))["sid"] == "s-1"


@pytest.mark.parametrize("missing", ["sub", "sid"])
def test_a_logout_token_may_name_the_person_or_the_session_alone(missing: str) -> None:
    claims = logout_claims()
    del claims[missing]
    assert judge_logout_token(sign(claims, typ="logout+jwt"))["jti"] == "j-1"


@pytest.mark.parametrize(
    "change", WRONG_IN_LOGOUT_TOKENS.values(), ids=WRONG_IN_LOGOUT_TOKENS.keys()
)
def test_a_wrong_logout_token_is_refused(change: Change) -> None:
    claims = logout_claims()
    change(claims)
    with pytest.raises(TokenRefused):
        judge_logout_token(sign(claims, typ="logout+jwt"))


def test_neither_kind_of_token_passes_as_the_other() -> None:
    with pytest.raises(TokenRefused):
        judge_id_token(sign(id_claims(), typ="logout+jwt"))
    for kind in ("JWT", "at+jwt"):
        with pytest.raises(TokenRefused):
            judge_logout_token(sign(logout_claims(), typ=kind))


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    """HS256 with what everybody knows (RFC 8725 section 2.1), by hand: joserfc declines."""
    parts = [{"alg": "HS256", "kid": "known"}, claims]
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = hmac.digest(KEY.as_pem(private=False), signed, "sha256")
    return b".".join([signed, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


FORGED = {
    "another key under the same name": sign(id_claims(), key=STRANGER),
    "a key nobody knows": sign(id_claims(), kid="invented"),
    "no signature": sign(id_claims()).rpartition(".")[0] + ".",
    "another algorithm of the same key": sign(id_claims(), alg="RS512"),
    "the public key as a shared secret": signed_with_the_public_key(id_claims()),
    "not a token": "rubbish",
    "nothing": "",
    "not ASCII": "päre.päre.päre",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        judge_id_token(token)
