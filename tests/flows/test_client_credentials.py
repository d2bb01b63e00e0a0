"""A client's tokens for itself (RFC 6749 section 4.4): no person, nothing stored, ended at once."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.foundation.clock import shifted
from idp.foundation.database import Model
from tests.provider import ISSUER, OPERATOR, Provider
from tests.relying_party import RelyingParty

SCOPE = "admin.read ssf.manage"
API = "https://api.example.fi"


def service(provider: Provider, **metadata: Any) -> RelyingParty:
    """A client that acts for itself alone."""
    return RelyingParty(
        provider,
        **{"grant_types": ["authorization_code", "client_credentials"], "scope": SCOPE} | metadata,
    )


def token(party: RelyingParty, **form: str) -> dict[str, Any]:
    """The token response."""
    response = party.post("/token", grant_type="client_credentials", **form)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def header(jwt: str) -> dict[str, Any]:
    """A JWT's header."""
    part = jwt.partition(".")[0]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def test_a_client_gets_an_access_token_and_nothing_else(provider: Provider) -> None:
    answer = token(service(provider))
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer["token_type"] == "Bearer"
    assert answer["scope"] == SCOPE


@pytest.mark.parametrize(
    ("asked", "given"), [("ssf.manage", "ssf.manage"), ("ssf.manage ssf.manage", "ssf.manage")]
)
def test_the_client_may_ask_for_less(provider: Provider, asked: str, given: str) -> None:
    assert token(service(provider), scope=asked)["scope"] == given


@pytest.mark.parametrize("asked", ["openid", "profile", "scim", "ssf.manage openid"])
def test_scopes_of_people_and_of_others_are_refused(provider: Provider, asked: str) -> None:
    party = service(provider, scope=f"openid profile {SCOPE}")
    refused = party.post("/token", grant_type="client_credentials", scope=asked)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_a_client_that_may_ask_people_too_gets_no_scope_of_theirs(provider: Provider) -> None:
    assert token(service(provider, scope=f"openid email {SCOPE}"))["scope"] == SCOPE


def test_only_a_client_registered_for_it_gets_one(party: RelyingParty) -> None:
    refused = party.post("/token", grant_type="client_credentials")
    assert refused.json()["error"] == "unauthorized_client"


def test_such_a_token_tells_of_nobody(provider: Provider) -> None:
    party = service(provider)
    assert party.userinfo(token(party)["access_token"]).status_code == 401


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_disabling_the_client_ends_its_tokens_at_once(provider: Provider, form: str) -> None:
    party, other = service(provider, access_token_format=form), service(provider)
    value = token(party, resource=API)["access_token"]
    asking = service(provider, resource=API)
    assert asking.post("/introspect", token=value).json()["active"] is True
    assert other.post("/introspect", token=value).json() == {"active": False}
    with provider.database.transaction() as tx:
        provider.deployment.clients.disable(tx, party.client_id, by=OPERATOR)
    provider.deployment.clients.changed()
    assert asking.post("/introspect", token=value).json() == {"active": False}


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_the_client_can_ask_after_it_and_take_it_back(provider: Provider, form: str) -> None:
    party = service(provider, access_token_format=form)
    value = token(party)["access_token"]
    told = party.post("/introspect", token=value).json()
    assert told["active"] is True
    assert told["sub"] == told["client_id"] == party.client_id
    assert told["scope"] == SCOPE
    assert "username" not in told
    assert party.post("/revoke", token=value).status_code == 200
    assert party.post("/introspect", token=value).json() == {"active": False}


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_a_jwt_says_what_rfc_9068_demands(provider: Provider, alg: str) -> None:
    party = service(provider, access_token_format="jwt", id_token_signed_response_alg=alg)
    value = token(party)["access_token"]
    claims = party.claims(value)
    assert header(value)["typ"] == "at+jwt"
    assert (header(value)["alg"], bool(header(value)["kid"])) == (alg, True)
    assert claims.keys() == {"iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope"}
    assert (claims["aud"], claims["sub"]) == (ISSUER, party.client_id)
    assert claims["exp"] - claims["iat"] == 600


def test_the_lifetime_is_the_clients_own(provider: Provider) -> None:
    party = service(provider, access_token_lifetime=120)
    answer = token(party)
    assert answer["expires_in"] == 120
    with shifted(timedelta(seconds=121)):
        told = party.post("/introspect", token=answer["access_token"])
    assert told.json() == {"active": False}


def test_asking_stores_nothing(provider: Provider) -> None:
    party = service(provider)
    before = _rows(provider)
    token(party)
    assert _rows(provider) == before


def _rows(provider: Provider) -> list[Any]:
    with provider.database.reading() as tx:
        return [
            tx.session.execute(select(func.count()).select_from(table)).scalar()
            for table in Model.metadata.sorted_tables
        ]
