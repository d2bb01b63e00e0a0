"""Scopes, claims and subjects: what is told of a person."""

from uuid import uuid4

from tests.discovery.promises import Trial, promise

_OF_EVERY_JWT = {"iss", "aud", "exp", "iat", "azp", "nonce", "at_hash"}
"""An ID token's own machinery, which nobody asks for by name."""


@promise(
    "scopes_supported",
    *("openid", "profile", "email", "address", "phone", "organizations", "profile:write"),
    *("offline_access", "admin.read", "admin.write", "scim", "ssf.manage"),
)
def scope(trial: Trial, value: str) -> bool:
    """A client that may have everything gets it, and is told so."""
    party = trial.party()
    answer = party.answer(party.authorize(trial.signed_in(), scope=f"openid {value}"))
    return "code" in answer and value in party.redeem(answer["code"]).json()["scope"].split()


@promise(
    "claims_supported",
    *("sub", "name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture"),
    *("preferred_username", "website", "email", "email_verified", "gender", "birthdate"),
    *("zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at"),
    *("auth_time", "acr", "amr", "sid"),
)
def claim(trial: Trial, value: str) -> bool:
    """It is told of somebody of whom everything is known, and nothing that goes unnamed."""
    party = trial.party()
    tokens = party.tokens(trial.browser(), trial.account)
    told = party.claims(tokens["id_token"]) | party.userinfo(tokens["access_token"]).json()
    assert told.keys() - _OF_EVERY_JWT <= set(trial.metadata()["claims_supported"])
    return value in told


@promise("claim_types_supported", "normal", "aggregated", "distributed")
def claim_type(trial: Trial, value: str) -> bool:
    """How claims come (section 5.6)."""
    party = trial.party()
    token = party.tokens(trial.browser(), trial.account)["access_token"]
    elsewhere = "_claim_names" in party.userinfo(token).json()
    return (value == "normal") != elsewhere


@promise("subject_types_supported", "public", "pairwise")
def subject_type(trial: Trial, value: str) -> bool:
    """Two parties see the same subject, or each its own (section 8)."""
    chosen = {} if value == "public" else {"subject_type": value}
    seen = set()
    for _ in range(2):
        host = f"https://{uuid4().hex}.example.fi"
        party = trial.party(redirect_uris=[f"{host}/cb"], **chosen)
        seen.add(party.claims(party.tokens(trial.browser(), trial.account)["id_token"])["sub"])
    return len(seen) == {"public": 1, "pairwise": 2}[value]
