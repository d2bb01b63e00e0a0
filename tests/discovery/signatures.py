"""Grants and what is signed: which grants give tokens, with which algorithm an ID token comes."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable

from idp.clients.metadata.algorithms import DEVICE_CODE
from tests.device import Device
from tests.discovery.promises import Trial, promise
from tests.relying_party import RelyingParty

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K"),
    *("EdDSA", "Ed25519", "HS256", "HS384", "HS512", "none"),
)
"""Of RFC 7518, RFC 8037 and RFC 9864."""


def _authorization_code(trial: Trial) -> bool:
    return "access_token" in trial.party().tokens(trial.browser(), trial.account)


def _refresh_token(trial: Trial) -> bool:
    party = trial.party()
    first = party.tokens(trial.browser(), trial.account)["refresh_token"]
    return "access_token" in party.refresh(first).json()


def _client_credentials(trial: Trial) -> bool:
    party = trial.party(
        grant_types=["authorization_code", "client_credentials"], scope="openid ssf.manage"
    )
    return "access_token" in party.post("/token", grant_type="client_credentials").json()


def _device_code(trial: Trial) -> bool:
    device = Device(trial.provider)
    device.begin()
    browser = trial.browser()
    browser.submit(device.question(browser, trial.account), allow="1")
    return "access_token" in device.poll().json()


GRANTS: dict[str, Callable[[Trial], bool]] = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
    DEVICE_CODE: _device_code,
}
"""Each grant's own exchange; a grant without one here does not count as working."""


@promise(
    "grant_types_supported",
    *("authorization_code", "refresh_token", "client_credentials", "password", "implicit"),
    DEVICE_CODE,
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
)
def grant_type(trial: Trial, value: str) -> bool:
    """Its exchange gives an access token; one that we have no exchange for is unknown."""
    if value in GRANTS:
        return GRANTS[value](trial)
    refused = trial.party().post("/token", grant_type=value).json()["error"]
    assert refused in ("unsupported_grant_type", "unauthorized_client"), refused
    return str(refused) == "unauthorized_client"


def algorithm_of(party: RelyingParty, token: str) -> str:
    """The algorithm of a token that verifies with our keys."""
    party.claims(token)
    header = token.partition(".")[0]
    alg: str = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["alg"]
    return alg
